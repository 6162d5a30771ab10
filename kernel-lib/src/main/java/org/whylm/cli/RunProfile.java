package org.whylm.cli;

import org.whylm.run.Profile;
import picocli.CommandLine.Option;

/** The option {@code --profile} of commands that read what a run left. */
final class RunProfile {

    @Option(names = "--profile", description = "Profile of the run (default: PROFILE, or quick).")
    private String profile;

    Profile get() {
        return profile == null ? Profile.current() : Profile.load(profile);
    }
}
