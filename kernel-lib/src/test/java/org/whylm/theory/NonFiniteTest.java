package org.whylm.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Numbers that a double cannot hold: the mathematics goes round them, and what is left of them is not taken for a violation. */
class NonFiniteTest {

    /** Instance 2620 of the family ZEROS in {@code StatementCheck.ofEach(5000, 2021)}: a word of {@code p*} has {@code p_f < 10⁻³²⁴}. */
    private static Instance underflowing() throws IOException {
        var json = Files.readString(Path.of("src/test/resources/reference/underflow-instance.json"));
        return new Gson().fromJson(json, Instance.class);
    }

    @Test
    void aProbabilityTooSmallForADoubleLeavesTheExcessFinite() throws IOException {
        var it = underflowing();
        assertTrue(Arrays.stream(it.model()).flatMapToDouble(Arrays::stream).anyMatch(p -> p == 0));
        assertEquals(
                Double.POSITIVE_INFINITY,
                it.language().divergence(it.language().pStar(), it.model()),
                "of the probabilities alone");

        var sides = Statements.proposition1(it.language(), it.phi(), it.f());
        assertTrue(sides.left() > 0 && Double.isFinite(sides.left()), sides.toString());
        assertEquals(0, sides.gap(), StatementCheck.EQUALITY);
        assertEquals(sides.right(), Theorem.T1.of(it).epsilon());
        assertTrue(Theorem.T1.of(it).holds(StatementCheck.ROUNDING));
    }

    @Test
    void everyStatementIsCheckedOnThatInstance() throws IOException {
        var tallies = new StatementCheck.Tallies();
        tallies.add("the underflowing instance", underflowing(), new Sampler(1));
        for (var check : tallies.checks()) {
            assertEquals(1, check.instances());
            assertEquals(0, check.violations(), check.statement());
            assertTrue(Double.isFinite(check.worst()), check.statement());
        }
    }

    @Test
    void aCheckThatMeetsANonFiniteNumberFailsAndCountsNoViolation() throws IOException {
        var it = underflowing();
        var f = Vectors.copy(it.f());
        f[0][0] = 1e308; // its logits are infinite
        f[0][1] = -1e308;
        var tallies = new StatementCheck.Tallies();
        var failure = assertThrows(
                ArithmeticException.class,
                () -> tallies.add(
                        "instance 7 of ZEROS, seed 3",
                        new Instance(it.language(), it.task(), it.phi(), f, it.lambda()),
                        new Sampler(1)));
        assertTrue(failure.getMessage().contains("instance 7 of ZEROS, seed 3"), failure.getMessage());
        assertTrue(failure.getMessage().startsWith("P1"), failure.getMessage());
        assertEquals(
                0,
                tallies.checks().stream().mapToInt(StatementCheck::violations).sum());
    }

    /** A model that gives a word of {@code p*} no probability at all has an infinite excess by either formula. */
    @Test
    void infiniteSidesAreEqual() {
        var language = new FiniteLanguage(new double[] {1}, new double[][] {{0.5, 0.5}});
        var sides = Statements.proposition1(language, new double[][] {{1, 0}});
        assertEquals(Double.POSITIVE_INFINITY, sides.left());
        assertEquals(0, sides.gap());
        assertFalse(new Equality(Double.NaN, Double.NaN).gap() == 0);
        assertEquals(Double.POSITIVE_INFINITY, new Equality(1, Double.POSITIVE_INFINITY).gap());
    }
}
