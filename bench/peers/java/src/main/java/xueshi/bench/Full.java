package xueshi.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

/** A full view, as the output has it. */
public final class Full {
    private Full() {
    }

    public static byte[] key(String teacher) {
        return teacher.getBytes(UTF_8);
    }

    /** Ids have nothing that JSON would escape. */
    public static byte[] value(String teacher, String resource) {
        return ("{\"teacher_id\":\"" + teacher + "\",\"resource_id\":\"" + resource + "\"}")
                .getBytes(UTF_8);
    }
}
