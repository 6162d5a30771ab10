package org.whylm.features;

import java.util.Arrays;
import java.util.List;
import org.whylm.lm.LanguageModel;
import org.whylm.lm.Reading;

/**
 * Texts as the lower blocks of a model leave them. Models that differ in the blocks above only read their features from these, at
 * the cost of those blocks. Held on the heap, {@code 4·d} bytes a token.
 */
public final class LowerStates {

    private final int block;
    private final List<Reading> readings;
    private final List<float[][]> states;
    private final boolean prompted;

    private LowerStates(int block, List<Reading> readings, List<float[][]> states, boolean prompted) {
        this.block = block;
        this.readings = readings;
        this.states = states;
        this.prompted = prompted;
    }

    /**
     * Reads the texts with the lower blocks.
     *
     * @param block index from 0 of the first block above
     * @param texts each truncated as by the extractor that a {@link FeatureExtractor} is by default
     * @param prompt what follows each text; empty for none. The states without it are from the same pass
     * @throws IllegalArgumentException if a text has no tokens, or there is no such block
     * @throws org.whylm.run.Progress.Interrupted if the thread is interrupted
     */
    public static LowerStates of(LanguageModel model, int block, List<String> texts, String prompt) {
        var sequences = texts.stream()
                .map(text -> model.reading(text, prompt, FeatureExtractor.TRUNCATION))
                .toList();
        var whole = sequences.stream()
                .map(reading -> Reading.everywhere(reading.ids()))
                .toList();
        var states =
                new FeatureExtractor(model).statesAfter(List.of(block), whole).get(0);
        return new LowerStates(block, sequences, states, !prompt.isEmpty());
    }

    /**
     * The features of all texts, in order: of the texts alone and, if there is a prompt, of texts and prompt.
     *
     * @param model one whose blocks below are those of the model that read the texts
     */
    public List<Features> features(LanguageModel model) {
        int width = prompted ? 2 : 1;
        var f = new float[width][states.size()][];
        var computed = model.hiddenStatesFrom(
                block, states, readings.stream().map(Reading::positions).toList());
        for (int text = 0; text < states.size(); text++) {
            for (int at = 0; at < width; at++) {
                f[at][text] = computed.get(text)[at];
            }
        }
        return Arrays.stream(f)
                .map(each -> Features.of(model.outputEmbeddings(), each))
                .toList();
    }
}
