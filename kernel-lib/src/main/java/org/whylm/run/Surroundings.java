package org.whylm.run;

/**
 * What the library runs in, found as a service and asked once, when the library is first used: a notebook kernel that does not
 * look for extensions by itself learns here how values are shown.
 */
@FunctionalInterface
public interface Surroundings {

    /** Prepares itself; does nothing where the library runs in something else. */
    void prepare();
}
