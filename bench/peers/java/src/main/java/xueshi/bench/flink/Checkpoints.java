package xueshi.bench.flink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** What an earlier process has left when it was killed. */
final class Checkpoints {
    private Checkpoints() {
    }

    /** The newest one that is whole, as only such have their metadata. */
    static Optional<Path> newest(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> all = Files.walk(folder, 3)) {
            return all.filter(path -> path.endsWith("_metadata"))
                    .max(Comparator.comparing(path -> path.toFile().lastModified()))
                    .map(Path::getParent);
        }
    }
}
