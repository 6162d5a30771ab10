package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.whylm.run.Profile;
import org.whylm.run.Provenance;
import org.whylm.run.Workspace;

class FindingsTest {

    private static final String FILE = """
            [{"id": "helps", "notebook": "n", "claim": "It helps.", "source": "S", "statistic": "gain",
              "rules": {"a": "low > 0", "b": "low > 0"}},
             {"id": "near", "notebook": "n", "claim": "It is near.", "source": "S", "statistic": "gap",
              "rules": {"a": "high <= 0.05"}}]
            """;

    @TempDir
    Path root;

    private Workspace workspace;
    private final Provenance provenance = Provenance.start(Profile.load("quick"));

    @BeforeEach
    void workspace() throws IOException {
        workspace = new Workspace(root);
        Files.createDirectories(root.resolve("notebooks"));
        Files.writeString(root.resolve("notebooks/findings.json"), FILE);
    }

    @ParameterizedTest
    @CsvSource({
        "low > 0, 0.0, 0.1, 0.2, false",
        "low >= 0, 0.0, 0.1, 0.2, true",
        "high < 0.2, 0.0, 0.1, 0.2, false",
        "high <= 0.2, 0.0, 0.1, 0.2, true",
        "value > -0.05, -0.9, -0.04, 0.2, true",
        "value > -0.05, -0.9, -0.06, 0.2, false",
        "low > 1e-6, 2e-6, 1, 2, true",
    })
    void aVerdictFollowsFromTheRule(String rule, double low, double value, double high, boolean holds) {
        var finding = new Finding("id", "on", "n", "claim", "source", "statistic", rule);
        var verdict = finding.decide(new Statistic(value, low, high));
        assertEquals(holds, verdict instanceof Verdict.Held, verdict.toString());
    }

    @ParameterizedTest
    @CsvSource({"low = 0", "low > ", "mean > 0", "low>0", "low > 0 or more", "0 < low"})
    void anythingElseIsNoRule(String rule) {
        var error =
                assertThrows(IllegalArgumentException.class, () -> new Finding("id", "on", "n", "c", "s", "t", rule));
        assertTrue(error.getMessage().contains("\"" + rule + "\""), error.getMessage());
    }

    @Test
    void everyFindingHasAVerdictAndWhatWasNotDecidedIsNotTested() {
        var findings = Findings.of("n", workspace);
        findings.decide("helps", "a", new Statistic(0.1, 0.05, 0.15));
        findings.decide("near", new Statistic(0.1, 0.05, 0.15));
        assertEquals("""
                It helps.
                  a: held: 0.1000 [0.0500, 0.1500], holds if low > 0
                  b: not tested: this run did not include it
                It is near.
                  a: did not hold: 0.1000 [0.0500, 0.1500], holds if high <= 0.05""", findings.toString());
    }

    @Test
    void oneReasonForWhatIsLeftOfASubject() {
        var findings = Findings.of("n", workspace);
        var held = findings.decide("helps", "a", new Statistic(0.1, 0.05, 0.15));
        findings.otherwise("a", "no words");
        assertEquals(
                List.of(held, new Verdict.NotTested("this run did not include it"), new Verdict.NotTested("no words")),
                List.copyOf(findings.verdicts().values()));
    }

    @Test
    void writtenResultsAreJudgedAgain() throws IOException {
        var findings = Findings.of("n", workspace);
        findings.decide("helps", "a", new Statistic(0.1, 0.05, 0.15));
        findings.notTested("helps", "b", "no data");
        findings.decide("near", new Statistic(0.1, 0.05, 0.15));
        var file = findings.write(provenance, workspace);
        assertEquals(root.resolve("build/findings/quick/n.json"), file);
        assertEquals("quick", Provenance.of(file).profile());
        assertEquals(findings.verdicts(), Findings.verdicts(workspace, "quick"));

        Files.writeString(root.resolve("notebooks/findings.json"), FILE.replace("\"high <= 0.05\"", "\"high <= 0.5\""));
        var verdicts = List.copyOf(Findings.verdicts(workspace, "quick").values());
        assertInstanceOf(Verdict.Held.class, verdicts.get(0));
        assertEquals(new Verdict.NotTested("its claim or rule changed after the run"), verdicts.get(2));
        assertTrue(Findings.verdicts(workspace, "paper").values().stream()
                .allMatch(new Verdict.NotTested("the notebook was not run with the profile paper")::equals));
    }

    @Test
    void unknownNamesAreNamed() {
        var findings = Findings.of("n", workspace);
        assertMessage(
                "No finding hurts on a among: helps on a", () -> findings.decide("hurts", "a", Statistic.exact(1)));
        assertMessage("No finding helps on c among", () -> findings.notTested("helps", "c", "why"));
        assertMessage("More than one finding helps", () -> findings.decide("helps", Statistic.exact(1)));
        assertMessage("No finding of the notebook m", () -> Findings.of("m", workspace));
    }

    /** The file in the repository: ids are unique within a notebook, every rule reads. */
    @Test
    void theFindingsOfTheRepositoryAreWellFormed() {
        var findings = Findings.verdicts(Workspace.current(), "none").keySet();
        assertEquals(
                findings.size(),
                findings.stream()
                        .map(f -> f.notebook() + f.id() + f.subject())
                        .distinct()
                        .count());
        assertTrue(findings.stream().anyMatch(f -> f.notebook().equals("01-sentence-completion")));
    }

    private static void assertMessage(String start, org.junit.jupiter.api.function.Executable action) {
        var error = assertThrows(IllegalArgumentException.class, action);
        assertTrue(error.getMessage().startsWith(start), error.getMessage());
    }
}
