package org.whylm.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.whylm.run.RecordJson;
import org.whylm.run.Workspace;

/**
 * The findings of one notebook: what {@code notebooks/findings.json} fixed before the run, and the verdicts so far.
 *
 * <pre>{@code
 * var findings = Findings.of("01-sentence-completion");
 * findings.decide("movies-prompt-helps-subset", PairedAccuracy.difference(prompted, unprompted, labels));
 * }</pre>
 */
public final class Findings {

    private final List<Finding> findings;
    private final Map<String, Verdict> verdicts = new LinkedHashMap<>();

    private Findings(List<Finding> findings) {
        this.findings = findings;
    }

    /**
     * The findings that a notebook decides, none decided yet.
     *
     * @param notebook its name without {@code .ipynb}
     * @throws IllegalArgumentException if the file has no finding for it or is malformed
     */
    public static Findings of(String notebook) {
        var file = Workspace.current().root().resolve("notebooks").resolve("findings.json");
        var all = RecordJson.readList(file, Finding.class);
        var own = all.stream().filter(f -> f.notebook().equals(notebook)).toList();
        if (own.isEmpty()) {
            throw new IllegalArgumentException("No finding of the notebook " + notebook + " in " + file);
        }
        return new Findings(own);
    }

    /**
     * Compares a measured statistic with the threshold of a finding.
     *
     * @throws IllegalArgumentException if the notebook has no finding of that id
     */
    public Verdict decide(String id, Statistic statistic) {
        var verdict = finding(id).decide(statistic);
        verdicts.put(id, verdict);
        return verdict;
    }

    /**
     * Records that nothing was measured for a finding.
     *
     * @throws IllegalArgumentException if the notebook has no finding of that id
     */
    public Verdict notTested(String id, String why) {
        var verdict = new Verdict.NotTested(why);
        verdicts.put(finding(id).id(), verdict);
        return verdict;
    }

    private Finding finding(String id) {
        return findings.stream()
                .filter(f -> f.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No finding " + id + " among "
                        + String.join(", ", findings.stream().map(Finding::id).toList())));
    }
}
