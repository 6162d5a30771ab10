package org.whylm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The printed instances, recomputed from their given parts by the definitions alone. */
class TheoryTest {

    private static List<JsonObject> dump(String... arguments) {
        var out = new StringWriter();
        var command = Whylm.commandLine().setOut(new PrintWriter(out));
        var all = new String[arguments.length + 1];
        all[0] = "theory";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        assertEquals(0, command.execute(all));
        return out.toString()
                .lines()
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .toList();
    }

    private static int exitCode(String... arguments) {
        return Whylm.commandLine()
                .setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(new StringWriter()))
                .execute(arguments);
    }

    private static double[] vector(JsonObject json, String key) {
        return json.getAsJsonArray(key).asList().stream()
                .mapToDouble(value -> value.getAsDouble())
                .toArray();
    }

    private static double[][] matrix(JsonObject json, String key) {
        return json.getAsJsonArray(key).asList().stream()
                .map(row -> row.getAsJsonArray().asList().stream()
                        .mapToDouble(value -> value.getAsDouble())
                        .toArray())
                .toArray(double[][]::new);
    }

    private static double number(JsonObject json, String key) {
        return json.get(key).getAsDouble();
    }

    @Test
    void printedSidesFollowFromTheGivenParts() {
        for (var json : dump("--dump", "40", "--seed", "5")) {
            var pL = vector(json, "p_l");
            var pStar = matrix(json, "p_star");
            var phi = matrix(json, "phi");
            var pT = vector(json, "p_t");
            var y = vector(json, "y");
            var f = matrix(json, "f");
            var v = vector(json, "v");
            var hinge = json.get("loss").getAsString().equals("hinge");
            double tau = 0, lossP = 0, epsilon = 0, lossQuad = 0, epsilonQuad = 0, B = 0, B2 = 0;
            var gamma = Double.POSITIVE_INFINITY;
            var fStar = matrix(json.getAsJsonObject("quad"), "f_star");
            for (var s = 0; s < pL.length; s++) {
                var logits = new double[v.length];
                var z = 0.0;
                for (var w = 0; w < v.length; w++) {
                    for (var i = 0; i < phi.length; i++) {
                        logits[w] += phi[i][w] * f[s][i];
                    }
                    z += Math.exp(logits[w]);
                }
                double exact = 0, model = 0, quad = 0;
                for (var w = 0; w < v.length; w++) {
                    var p = Math.exp(logits[w]) / z;
                    epsilon += pL[s] * pStar[s][w] * Math.log(pStar[s][w] / p);
                    exact += v[w] * pStar[s][w];
                    model += v[w] * p;
                    quad += v[w] * logits[w];
                    var optimal = 0.0;
                    for (var i = 0; i < phi.length; i++) {
                        optimal += phi[i][w] * fStar[s][i];
                    }
                    epsilonQuad += pL[s] * (logits[w] - optimal) * (logits[w] - optimal) / 2;
                }
                tau += pT[s] * loss(hinge, y[s] * exact);
                lossP += pT[s] * loss(hinge, y[s] * model);
                lossQuad += pT[s] * loss(hinge, y[s] * quad);
                if (pT[s] > 0) {
                    gamma = Math.min(gamma, pL[s] / pT[s]);
                }
            }
            for (var weight : v) {
                B = Math.max(B, Math.abs(weight));
                B2 += weight * weight;
            }
            assertEquals(tau, number(json, "tau"), 1e-10);
            assertEquals(B, number(json, "B"), 1e-12);
            assertEquals(gamma, number(json, "gamma"), 1e-12);
            assertEquals(epsilon, number(json, "epsilon"), 1e-10);
            assertEquals(epsilon, number(json, "epsilon_entropy"), 1e-10);
            assertEquals(lossP, number(json, "loss_p"), 1e-10);
            assertEquals(lossP, number(json, "loss_phi_p"), 1e-10);
            assertEquals(tau + Math.sqrt(2 * B * B * epsilon / gamma), number(json, "bound_t1"), 1e-8);
            var gammaPhi = number(json, "gamma_phi");
            assertTrue(gammaPhi >= gamma * (1 - 1e-12));
            assertEquals(tau + Math.sqrt(2 * B * B * epsilon / gammaPhi), number(json, "bound_t2"), 1e-8);
            assertTrue(lossP <= number(json, "bound_t1") && lossP <= number(json, "bound_t2") + 1e-9);
            var quad = json.getAsJsonObject("quad");
            assertEquals(Math.sqrt(B2), number(quad, "B2"), 1e-10);
            assertEquals(epsilonQuad, number(quad, "epsilon"), 1e-10);
            assertEquals(lossQuad, number(quad, "loss"), 1e-10);
            assertEquals(tau + Math.sqrt(2 * B2 * epsilonQuad / gamma), number(quad, "bound"), 1e-8);
            assertTrue(lossQuad <= number(quad, "bound") + 1e-9);
        }
    }

    private static double loss(boolean hinge, double margin) {
        return hinge ? Math.max(0, 1 - margin) : Math.log1p(Math.exp(-margin));
    }

    /** Where Φ does not realise the language, the two excesses differ by what the best features miss. */
    @Test
    void otherLanguagesHaveTwoExcesses() {
        for (var json : dump("--dump", "10", "--language", "zeros")) {
            assertTrue(number(json, "epsilon") < number(json, "epsilon_entropy"));
            assertTrue(number(json, "loss_phi_p") <= number(json, "bound_t2_gamma") + 1e-9);
            assertTrue(number(json, "best_loss_p") <= number(json, "loss_p") + 1e-9);
        }
    }

    @Test
    void seedFixesTheInstances() {
        assertEquals(dump("--dump", "3", "--seed", "9"), dump("--dump", "3", "--seed", "9"));
        assertNotEquals(dump("--dump", "3", "--seed", "9"), dump("--dump", "3", "--seed", "10"));
        assertEquals(List.of(), dump("--dump", "0"));
    }

    @Test
    void wrongUsageExitsWithTwo() {
        assertEquals(2, exitCode("theory"));
        assertEquals(2, exitCode("theory", "--dump", "-1"));
        assertEquals(2, exitCode("theory", "--dump", "few"));
        assertEquals(2, exitCode("theory", "--dump", "1", "--language", "klingon"));
    }
}
