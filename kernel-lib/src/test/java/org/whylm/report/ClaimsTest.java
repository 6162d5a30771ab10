package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.probe.Result;
import org.whylm.probe.TaskResults;
import org.whylm.run.Input;
import org.whylm.run.Profile;
import org.whylm.run.Provenance;
import org.whylm.run.Workspace;
import org.whylm.statistics.Outcomes;
import org.whylm.statistics.Statistic;
import org.whylm.statistics.Verdict;

class ClaimsTest {

    private static final String FILE = """
            [{"id": "helps", "notebook": "n", "claim": "It helps.", "source": "S", "kind": "primary", "measured": "gain",
              "rules": {"a": "> 0", "b": "> 0"}},
             {"id": "near", "notebook": "n", "claim": "It is near.", "source": "S", "kind": "further", "measured": "gap",
              "unit": "nats", "rules": {"a": "<= 0.05"}},
             {"id": "beats", "notebook": "m", "claim": "Prompts help.", "source": "S", "kind": "primary", "measured": "d",
              "difference": ["f*", "f"], "rules": {"t": "> 0", "u": "> 0"}},
             {"id": "trained", "notebook": "m", "claim": "Training helps.", "source": "S", "kind": "primary", "measured": "d",
              "difference": ["f", "g"], "controls": ["untrained", "bag of words"], "rules": {"t": "> -0.1", "t*": "> -0.1"}},
             {"id": "most", "notebook": "m", "claim": "Words gain most.", "source": "S", "kind": "primary", "measured": "d",
              "gain": ["f", "g"], "rules": {"t": "> 0"}}]
            """;

    private static final CSVFormat WITH_HEADER =
            CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();

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

    private Claims claims(String notebook) {
        return Claims.of(notebook, workspace, subject -> "nothing on " + subject);
    }

    /** Of a claim or a subject that came later nothing else tells before the notebook runs again. */
    @TestFactory
    Stream<DynamicTest> everyExpectedTableOfVerdictsIsOfTheClaimsOfNow() {
        var here = Workspace.current();
        return Input.folder(here.root().resolve("expected")).stream()
                .filter(Files::isDirectory)
                .flatMap(profile -> Input.folder(profile).stream())
                .filter(file -> file.getFileName().toString().matches("verdicts-.*\\.csv"))
                .map(file -> dynamicTest(file.getParent().getFileName() + "/" + file.getFileName(), () -> {
                    var asked = Claims.expected(here, file.getParent()).keySet().stream()
                            .filter(finding -> file.endsWith(
                                    VerdictTable.name(finding.claim().notebook()) + ".csv"))
                            .map(finding -> finding.claim().id() + ", " + finding.subject())
                            .toList();
                    try (var rows = CSVParser.parse(file, StandardCharsets.UTF_8, WITH_HEADER)) {
                        var decided = rows.stream()
                                .map(row -> row.get("claim") + ", " + row.get("on"))
                                .toList();
                        assertEquals(asked, decided);
                    }
                }));
    }

    private static Statistic gain(double low, double high) {
        return Statistic.between((low + high) / 2, low, high);
    }

    /** Right on the first {@code right} of 1,000 sentences. */
    private static Result result(String features, boolean prompted, int right) {
        var predictions = new int[1000];
        for (int i = 0; i < right; i++) {
            predictions[i] = 1;
        }
        var labels = new int[1000];
        java.util.Arrays.fill(labels, 1);
        return Result.of("t", features, prompted, labels, predictions);
    }

    private static TaskResults results(Result... results) {
        return new TaskResults("t", List.of(results), Map.of());
    }

    @Test
    void everyClaimHasAVerdictAndWhatWasNotDecidedIsNotTested() {
        var claims = claims("n");
        claims.decide("helps", "a", gain(0.05, 0.15));
        claims.decide("near", gain(0.04, 0.16));
        assertEquals("""
                It helps.
                  a: held; 0.1 [0.05, 0.15], held if more than 0
                  b: not tested: nothing on b
                It is near.
                  a: undecided: the threshold is inside the interval; 0.1 nats [0.04, 0.16], held if at most 0.05 nats\
                """, claims.toString());
    }

    @Test
    void theLibraryEvaluatesDifferencesAndGains() {
        var claims = claims("m");
        claims.evaluate(results(
                result("f", false, 700),
                result("g", false, 650),
                result("f", true, 800),
                result("g", true, 810),
                result("untrained", false, 500),
                result("untrained", true, 799),
                result("bag of words", false, 520)));
        assertEquals(
                List.of("held", "not tested: nothing on u", "held", "refuted"),
                List.of(0, 1, 2, 4).stream()
                        .map(row ->
                                List.copyOf(claims.verdicts().values()).get(row).explained())
                        .toList());
        var prompted = List.copyOf(claims.verdicts().values()).get(3).explained();
        assertTrue(
                prompted.startsWith(
                        "not tested: not shown that training taught what this task needs: not above the control untrained"),
                prompted);
    }

    @Test
    void whatTheResultsLackIsTheReason() {
        var claims = claims("m");
        claims.evaluate(results(result("f", false, 700)).lacking(Map.of("g", "g: no word is a single token")));
        assertEquals(
                List.of(
                        "not tested: f was read without a prompt on t",
                        "not tested: nothing on u",
                        "not tested: g: no word is a single token",
                        "not tested: f was read without a prompt on t",
                        "not tested: f was read without a prompt on t"),
                claims.verdicts().values().stream().map(Verdict::explained).toList());
    }

    @Test
    void oneReasonForWhatIsLeftOfASubject() {
        var claims = claims("n");
        claims.decide("helps", "a", gain(0.05, 0.15));
        claims.otherwise("a", "no words");
        assertEquals(
                List.of("held", "not tested: nothing on b", "not tested: no words"),
                claims.verdicts().values().stream().map(Verdict::explained).toList());
    }

    @Test
    void writtenResultsAreJudgedAgain() throws IOException {
        var claims = claims("n");
        var better = List.of(Outcomes.of(new boolean[] {true, true}));
        claims.decide("helps", "a", Statistic.difference(better, List.of(Outcomes.of(new boolean[] {true, false}))));
        claims.notTested("helps", "b", "no data");
        claims.decide("near", gain(0.04, 0.16));
        var file = claims.write(provenance, workspace);
        assertEquals(root.resolve("build/findings/quick/n.json"), file);
        assertEquals("quick", Provenance.of(file).profile());
        var read = Claims.verdicts(workspace, "quick");
        assertEquals(
                claims.verdicts(),
                read.entrySet().stream()
                        .filter(entry -> entry.getKey().claim().notebook().equals("n"))
                        .collect(java.util.stream.Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
        assertTrue(Files.readString(root.resolve("build/tables/quick/verdicts-n.csv"))
                .contains("near,a,0.1,0.04,0.16,,0,further,<= 0.05,undecided\n"));

        Files.writeString(root.resolve("notebooks/findings.json"), FILE.replace("\"<= 0.05\"", "\"<= 0.5\""));
        var verdicts = List.copyOf(Claims.verdicts(workspace, "quick").values());
        assertInstanceOf(Verdict.Undecided.class, verdicts.get(0));
        assertEquals(new Verdict.NotTested("the claim or its rule changed after the run"), verdicts.get(2));
        assertTrue(Claims.verdicts(workspace, "paper").values().stream()
                .allMatch(new Verdict.NotTested("the notebook was not run with the profile paper")::equals));
    }

    @Test
    void unknownNamesAreNamed() {
        var claims = claims("n");
        assertMessage("No claim hurts on a among: helps on a", () -> claims.decide("hurts", "a", Statistic.exact(1)));
        assertMessage("No claim helps on c among", () -> claims.notTested("helps", "c", "why"));
        assertMessage("More than one claim helps", () -> claims.decide("helps", Statistic.exact(1)));
        assertMessage("No claim of the notebook o", () -> claims("o"));
    }

    /** The file in the repository: ids are unique within a notebook, every rule reads. */
    @Test
    void theClaimsOfTheRepositoryAreWellFormed() {
        var findings = Claims.verdicts(Workspace.current(), "none").keySet();
        assertEquals(
                findings.size(),
                findings.stream()
                        .map(f -> f.claim().notebook() + f.claim().id() + f.subject())
                        .distinct()
                        .count());
        assertTrue(findings.stream().anyMatch(f -> f.claim().notebook().equals("01-sentence-completion")));
    }

    private static void assertMessage(String start, org.junit.jupiter.api.function.Executable action) {
        var error = assertThrows(IllegalArgumentException.class, action);
        assertTrue(error.getMessage().startsWith(start), error.getMessage());
    }
}
