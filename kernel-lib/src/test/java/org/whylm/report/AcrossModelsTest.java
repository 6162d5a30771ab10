package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.run.Profile;
import org.whylm.run.Provenance;
import org.whylm.run.Workspace;
import org.whylm.statistics.Statistic;

class AcrossModelsTest {

    private static final String FILE = """
        [{"id": "helps", "notebook": "n", "claim": "It helps.", "source": "S", "kind": "primary", "measured": "gain",
          "rules": {"a": "> 0", "b": "> 0", "c": "> 0", "d": "> 0"}},
         {"id": "ours", "notebook": "n", "claim": "Ours.", "source": "S", "kind": "further", "measured": "gap",
          "rules": {"a": "> 0"}}]
        """;

    @TempDir
    Path root;

    private Workspace workspace;

    @BeforeEach
    void workspace() throws IOException {
        workspace = new Workspace(root);
        Files.createDirectories(root.resolve("notebooks"));
        Files.writeString(root.resolve("notebooks/findings.json"), FILE);
    }

    /** A run of the notebook on a model, whose effects on a, b, c and d have these values and an interval of ±0.1. */
    private void run(String model, double... effects) {
        var claims = Claims.of("n", workspace, subject -> "not here");
        for (int i = 0; i < effects.length; i++) {
            var subject = String.valueOf((char) ('a' + i));
            claims.decide("helps", subject, Statistic.between(effects[i], effects[i] - 0.1, effects[i] + 0.1));
        }
        claims.decide("ours", "a", Statistic.between(1, 0.9, 1.1));
        claims.write(
                Provenance.start(Profile.load("cross-model@" + model)).withModel(model, "0".repeat(64)), workspace);
    }

    @Test
    void aFindingCarriesOverWhereAllModelsDecideItAlike() {
        run("smollm2", 0.5, 0.5, 0.05, -0.5);
        run("gemma-3-270m", 0.3, -0.3, 0.5, -0.4);
        var across = AcrossModels.of(workspace, "cross-model");
        assertEquals("""
            claim,on,held if,gemma-3-270m,"gemma-3-270m, low","gemma-3-270m, high","gemma-3-270m, verdict",smollm2,"smollm2, low",\
            "smollm2, high","smollm2, verdict",carries over
            It helps.,a,more than 0,0.3,0.2,0.4,held,0.5,0.4,0.6,held,"yes, held on all"
            It helps.,b,more than 0,-0.3,-0.4,-0.2,refuted,0.5,0.4,0.6,held,no
            It helps.,c,more than 0,0.5,0.4,0.6,held,0.05,-0.05,0.15,undecided,open
            It helps.,d,more than 0,-0.4,-0.5,-0.3,refuted,-0.5,-0.6,-0.4,refuted,"yes, refuted on all"
            """, across.table().toCsv());
        var files = across.write();
        var provenance = Provenance.of(files.get(0));
        assertEquals("[gemma-3-270m, smollm2]", provenance.models().keySet().toString());
        assertEquals("cross-model", provenance.profile());
        assertTrue(Files.exists(root.resolve("build/figures/cross-model/across-models.svg")));
    }

    @Test
    void oneModelIsNoComparison() {
        run("smollm2", 0.5);
        var error = assertThrows(IllegalStateException.class, () -> AcrossModels.of(workspace, "cross-model"));
        assertTrue(
                error.getMessage().contains("was run on smollm2: a table across models needs two"), error.getMessage());
        assertThrows(IllegalStateException.class, () -> AcrossModels.of(workspace, "quick"));
    }
}
