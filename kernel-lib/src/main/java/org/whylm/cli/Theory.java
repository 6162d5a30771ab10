package org.whylm.cli;

import com.google.gson.GsonBuilder;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.whylm.theory.Instance;
import org.whylm.theory.Naturalness;
import org.whylm.theory.QuadOptimum;
import org.whylm.theory.Sampler;
import org.whylm.theory.SoftmaxOptimum;
import org.whylm.theory.Statements;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code whylm theory --dump N --seed S}: random instances of the statements with both sides of each, as JSON Lines, for
 * anybody who wants to recompute them.
 */
@Command(
        name = "theory",
        usageHelpWidth = 120,
        description = "Prints random instances of the paper's statements with both sides of each, as JSON Lines.",
        footer = {
            "",
            "Given: p_l [S], p_star [S][V], phi [d][V], p_t [S], y [S] of -1 and 1, loss (logistic or hinge), f [S][d],",
            "v [V]. Every loss below is that of this one v, or of the lambda [d] with v = phi^T lambda.",
            "",
            "tau             loss of v on p_star. v is the best one in the row span of phi with |v_w| <= B",
            "B               max_w |v_w|",
            "gamma           gamma(p_T) = min p_l/p_t where p_t > 0",
            "gamma_phi       sup{g : Sigma_L >= g Sigma_T} at f",
            "epsilon         excess of f over the best features for phi: E_{p_l} KL(p_{f*} || p_f), in nats (T2)",
            "epsilon_entropy excess of f over the entropy: E_{p_l} KL(p_star || p_f) (T1); equal to epsilon",
            "                where phi realises the language (the default, --language realizable)",
            "loss_p          loss of v on p_f = softmax(phi^T f)",
            "loss_phi_p      loss of lambda on the conditional means phi p_f (the same number: v.p = lambda.(phi p))",
            "bound_t1        tau + sqrt(2 B^2 epsilon_entropy / gamma), for loss_p",
            "bound_t2        tau + sqrt(2 B^2 epsilon / gamma_phi), for loss_phi_p",
            "bound_t2_gamma  tau + sqrt(2 B^2 epsilon / gamma), for loss_phi_p",
            "quad            f_star [S][d] = (phi phi^T)^+ phi p_star; epsilon = E_{p_l} |phi^T (f - f_star)|^2 / 2;",
            "                B2 = |v|_2; loss of the classifier phi phi^T lambda on f; bound = tau + sqrt(2 B2^2 epsilon/gamma)",
            "p_f_star        [S][V], the model of the best features (P2); tau_gap: no such v has a loss below tau - tau_gap",
            "best_loss_p     least loss on p_f of any v in R^V with |v_w| <= B; best_loss_phi_p: of any lambda with",
            "                |phi^T lambda| <= B"
        })
final class Theory extends Subcommand {

    @Option(names = "--dump", paramLabel = "N", required = true, description = "how many instances to print")
    private int count;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "the same seed prints the same instances (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--language",
            paramLabel = "FAMILY",
            defaultValue = "REALIZABLE",
            description = "how p_star is drawn: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private Instance.Family family;

    @Override
    public Integer call() {
        if (count < 0) {
            throw usage("--dump " + count + ": give a number of 0 or more");
        }
        var sampler = new Sampler(seed);
        var gson = new GsonBuilder().serializeSpecialFloatingPointValues().create();
        for (var i = 0; i < count; i++) {
            out().println(gson.toJson(json(Instance.random(sampler, family))));
        }
        out().flush();
        return 0;
    }

    private static Map<String, Object> json(Instance it) {
        var language = it.language();
        var task = it.task();
        var model = it.model();
        var v = it.v();
        var optimum = SoftmaxOptimum.of(language, it.phi());
        var theorem1 = Statements.theorem1(language, task, it.phi(), it.f(), v);
        var theorem2 = Statements.theorem2(language, task, it.phi(), optimum, it.f(), it.lambda());
        var best = Naturalness.of(task, it.phi(), language.pStar(), theorem1.B());

        var json = new LinkedHashMap<String, Object>();
        json.put("p_l", language.pL());
        json.put("p_star", language.pStar());
        json.put("phi", it.phi().phi());
        json.put("p_t", task.pT());
        json.put("y", task.labels());
        json.put("loss", task.loss().name().toLowerCase(Locale.ROOT));
        json.put("f", it.f());
        json.put("v", v);
        json.put("lambda", it.lambda());
        json.put("epsilon", theorem2.byGamma().epsilon());
        json.put("epsilon_entropy", theorem1.epsilon());
        json.put("tau", theorem1.tau());
        json.put("tau_gap", theorem1.tau() - (best.tau() - best.gap()));
        json.put("B", theorem1.B());
        json.put("gamma", theorem1.gamma());
        json.put("gamma_phi", theorem2.byGammaPhi().gamma());
        json.put("loss_p", theorem1.loss());
        json.put("loss_phi_p", theorem2.byGamma().loss());
        json.put("bound_t1", theorem1.bound());
        json.put("bound_t2", theorem2.byGammaPhi().bound());
        json.put("bound_t2_gamma", theorem2.byGamma().bound());
        json.put("quad", quad(it));
        json.put("p_f_star", optimum.p());
        json.put("best_loss_p", Naturalness.of(task, model, theorem1.B()).tau());
        json.put(
                "best_loss_phi_p",
                Naturalness.of(task, it.phi(), model, theorem1.B()).tau());
        return json;
    }

    private static Map<String, Object> quad(Instance it) {
        var theorem4 = Statements.theorem4(it.language(), it.task(), it.phi(), it.f(), it.lambda());
        var quad = new LinkedHashMap<String, Object>();
        quad.put("f_star", QuadOptimum.of(it.language(), it.phi()).f());
        quad.put("epsilon", theorem4.epsilon());
        quad.put("B2", theorem4.B());
        quad.put("loss", theorem4.loss());
        quad.put("bound", theorem4.bound());
        return quad;
    }
}
