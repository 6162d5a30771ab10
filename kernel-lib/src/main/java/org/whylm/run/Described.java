package org.whylm.run;

import java.util.Map;
import java.util.stream.Collectors;

/** A value that is too large to print, and is told by a few facts. */
public interface Described {

    /** The facts by name, in the order of their weight. */
    Map<String, String> facts();

    /** One line a fact. */
    static String text(Described value) {
        return value.facts().entrySet().stream()
                .map(fact -> fact.getKey() + ": " + fact.getValue())
                .collect(Collectors.joining("\n"));
    }
}
