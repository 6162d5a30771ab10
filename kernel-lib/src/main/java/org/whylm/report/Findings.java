package org.whylm.report;

import org.whylm.run.Workspace;

/** The claims of a notebook, for those that are not yet started by {@link Run}. */
public final class Findings {

    private Findings() {}

    public static Claims of(String notebook) {
        return Claims.of(notebook, Workspace.current(), subject -> "this run did not include it");
    }
}
