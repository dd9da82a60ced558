package xueshi.bench;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** What one teacher has seen of one resource: stretches in media ms, or that it was all. */
final class View {
    private static final int[] NOTHING = {};

    final String teacher;
    final String resource;
    /** The same teacher's other views: few, so that a chain is smaller and faster than a map. */
    final View next;
    boolean isDirty;
    private boolean isFull;
    /** From, to, from, to …: ascending, apart from each other. */
    private int[] bounds = NOTHING;

    View(String teacher, String resource, View next) {
        this.teacher = teacher;
        this.resource = resource;
        this.next = next;
    }

    /** Add [from, to). Whether that has changed anything. */
    boolean cover(int from, int to) {
        if (isFull || from >= to) {
            return false;
        }
        int first = 0;
        while (first < bounds.length && bounds[first + 1] < from) {
            first += 2;
        }
        int behind = first;
        while (behind < bounds.length && bounds[behind] <= to) {
            behind += 2;
        }
        return first == behind ? insert(first, from, to) : merge(first, behind, from, to);
    }

    private boolean insert(int at, int from, int to) {
        int[] more = new int[bounds.length + 2];
        System.arraycopy(bounds, 0, more, 0, at);
        System.arraycopy(bounds, at, more, at + 2, bounds.length - at);
        more[at] = from;
        more[at + 1] = to;
        bounds = more;
        return true;
    }

    /** [from, to) touches all that is at first … behind. */
    private boolean merge(int first, int behind, int from, int to) {
        int least = Math.min(from, bounds[first]);
        int most = Math.max(to, bounds[behind - 1]);
        if (behind == first + 2 && least == bounds[first] && most == bounds[first + 1]) {
            return false;
        }
        bounds[first] = least;
        bounds[first + 1] = most;
        close(first + 2, behind);
        return true;
    }

    private void close(int at, int behind) {
        if (at < behind) {
            int[] less = Arrays.copyOf(bounds, bounds.length - (behind - at));
            System.arraycopy(bounds, behind, less, at, bounds.length - behind);
            bounds = less;
        }
    }

    /** Whether it is so now, for the first time. */
    boolean becomesFull(int enough) {
        if (isFull || seen() < enough) {
            return false;
        }
        isFull = true;
        bounds = NOTHING;  // there is nothing to add to it
        return true;
    }

    private int seen() {
        int sum = 0;
        for (int at = 0; at < bounds.length; at += 2) {
            sum += bounds[at + 1] - bounds[at];
        }
        return sum;
    }

    /** Four bytes a bound; none at all: full. */
    byte[] encoded() {
        var bytes = ByteBuffer.allocate(4 * bounds.length);
        bytes.asIntBuffer().put(bounds);
        return bytes.array();
    }

    /** Whether it is full. */
    boolean restore(byte[] encoded) {
        bounds = new int[encoded.length / 4];
        ByteBuffer.wrap(encoded).asIntBuffer().get(bounds);
        isFull = bounds.length == 0;
        return isFull;
    }
}
