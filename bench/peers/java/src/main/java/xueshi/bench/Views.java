package xueshi.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All views as objects, in front of the engine's durable state. A view changes many times before
 * the next commit or checkpoint, so only then it is written there, once.
 */
public final class Views {
    /** Views in memory from which on those that are safe in the state are let go. */
    private static final int MOST = 8_000_000;

    /** The engine's own state. */
    public interface State {
        /** Null: there is none. */
        byte[] get(String teacher, String resource);

        void put(String teacher, String resource, byte[] value);
    }

    /**
     * Is told each full view: once, and once more if it was full in the state when its teacher was
     * heard of again. A crash may fall between the state, which was written, and the output, which
     * was not; then the input that has made the view full is read again, and this is all it does.
     */
    public interface Listener {
        void full(String teacher, String resource);
    }

    private final Map<String, Integer> durations;
    private final State state;
    private final Map<String, View> newest = new HashMap<>();
    private final List<View> dirty = new ArrayList<>();
    private int views;

    public Views(Map<String, Integer> durations, State state) {
        this.durations = durations;
        this.state = state;
    }

    public void add(Batch batch, Listener listener) {
        Integer[] known = durations(batch.resources);
        while (batch.next()) {
            int resource = batch.resource();
            Integer duration = known[resource];
            if (duration != null) {
                View view = view(batch.teacher(), batch.resources[resource], listener);
                if (view.cover(batch.from(), batch.to())) {
                    changed(view, duration, listener);
                }
            }
        }
    }

    /** Looked up once a record. Null: the resource is unknown. */
    private Integer[] durations(String[] resources) {
        var found = new Integer[resources.length];
        for (int at = 0; at < found.length; at++) {
            found[at] = durations.get(resources[at]);
        }
        return found;
    }

    private void changed(View view, int duration, Listener listener) {
        if (!view.isDirty) {
            view.isDirty = true;
            dirty.add(view);
        }
        if (view.becomesFull(duration - Job.GAP_MS)) {
            listener.full(view.teacher, view.resource);
        }
    }

    private View view(String teacher, String resource, Listener listener) {
        View first = newest.get(teacher);
        for (View view = first; view != null; view = view.next) {
            if (view.resource.equals(resource)) {
                return view;
            }
        }
        return begun(teacher, resource, first, listener);
    }

    private View begun(String teacher, String resource, View others, Listener listener) {
        var view = new View(teacher, resource, others);
        byte[] known = state.get(teacher, resource);
        if (known != null && view.restore(known)) {
            listener.full(teacher, resource);
        }
        newest.put(teacher, view);
        views++;
        return view;
    }

    /** Write what has changed to the state. */
    public void flush() {
        for (View view : dirty) {
            state.put(view.teacher, view.resource, view.encoded());
            view.isDirty = false;
        }
        dirty.clear();
        if (views > MOST) {
            clear();
        }
    }

    /** Forget all; it is asked of the state again. What was not flushed is lost. */
    public void clear() {
        newest.clear();
        dirty.clear();
        views = 0;
    }
}
