package xueshi.bench;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The heartbeats of one packed telemetry record, one after the other, read where they lie; places
 * in media ms. What a full view does not need is not read.
 */
public final class Batch {
    private static final int VERSION = 2;
    private static final int HEAD = 1 + 4 * Integer.BYTES;
    /** Bytes of a heartbeat in all the columns of numbers, and in those before each that is read. */
    private static final int NUMBERS = 32;
    private static final int FROM = 20;
    private static final int TO = 24;
    private static final int RESOURCE = 30;
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, LITTLE_ENDIAN);
    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, LITTLE_ENDIAN);

    /** The ids that {@link #resource} counts in. */
    public final String[] resources;
    private final byte[] value;
    private final int rows;
    private final int numbers;
    private int at = -1;
    /** The teacher's id, from … to. */
    private int begins;
    private int ends;

    /**
     * Stands before the first heartbeat.
     *
     * @throws IllegalArgumentException it is no packed telemetry, or shorter than it says
     */
    public Batch(byte[] value) {
        require(value.length >= HEAD && value[0] == VERSION);
        long count = length(value, 0);
        long teachers = length(value, 1);
        long teachersAt = HEAD + 2 * count;
        long numbersAt = teachersAt + teachers + length(value, 2);
        long resourcesAt = numbersAt + NUMBERS * count;
        long quizzesAt = resourcesAt + length(value, 3);
        require(quizzesAt <= value.length);
        this.value = value;
        rows = (int) count;
        numbers = (int) numbersAt;
        ends = (int) teachersAt;
        resources = new String(value, (int) resourcesAt, (int) (quizzesAt - resourcesAt), UTF_8)
                .split("\n");
        require(sizes() == teachers);
    }

    private static long length(byte[] value, int which) {
        return Integer.toUnsignedLong((int) INT.get(value, 1 + which * Integer.BYTES));
    }

    private static void require(boolean isSo) {
        if (!isSo) {
            throw new IllegalArgumentException("no packed telemetry");
        }
    }

    private long sizes() {
        long sum = 0;
        for (int row = 0; row < rows; row++) {
            sum += size(row);
        }
        return sum;
    }

    private int size(int row) {
        return Byte.toUnsignedInt(value[HEAD + row]);
    }

    /** Go on to the next heartbeat. Whether there is one. */
    public boolean next() {
        if (++at >= rows) {
            return false;
        }
        begins = ends;
        ends += size(at);
        return true;
    }

    public String teacher() {
        return new String(value, begins, ends - begins, UTF_8);
    }

    /** Which of the resources. */
    public int resource() {
        return (short) SHORT.get(value, numbers + RESOURCE * rows + at * Short.BYTES);
    }

    public int from() {
        return (int) INT.get(value, numbers + FROM * rows + at * Integer.BYTES);
    }

    public int to() {
        return (int) INT.get(value, numbers + TO * rows + at * Integer.BYTES);
    }
}
