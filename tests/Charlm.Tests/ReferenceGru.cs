using Muster.Samples.Charlm.Model;

namespace Charlm.Tests;

/// <summary>The network's formulas in double precision and plain loops, for the loss alone.</summary>
internal static class ReferenceGru
{
    public static double Loss(GruShape shape, double[] parameters, int[] tokens, int[] targets, int batch, float[]? masks)
    {
        var (loss, hidden) = (0.0, shape.Hidden);
        for (var row = 0; row < batch; row++)
        {
            var state = new double[hidden];
            var mask = masks?.AsMemory(row * hidden, hidden);
            double[] Shown(double[] values) => [.. values.Select((value, i) => value * (mask?.Span[i] ?? 1))];
            for (var line = row; line < tokens.Length; line += batch)
            {
                state = Next(shape, parameters, tokens[line], state, Shown(state));
                loss -= Math.Log(Probability(shape, parameters, Shown(state), targets[line]));
            }
        }

        return loss;
    }

    private static double[] Next(GruShape shape, double[] parameters, int token, double[] state, double[] shown)
    {
        var hidden = shape.Hidden;
        var w = parameters[shape.Input];
        var u = parameters[shape.Recurrent];
        var b = parameters[shape.CandidateBias];
        double Input(int gate, int i) => w[token * shape.Gates + gate * hidden + i];
        double Recurrent(int gate, int i) => shown.Select((value, k) => value * u[k * shape.Gates + gate * hidden + i]).Sum();
        return [.. Enumerable.Range(0, hidden).Select(i =>
        {
            var r = 1 / (1 + Math.Exp(-Input(0, i) - Recurrent(0, i)));
            var z = 1 / (1 + Math.Exp(-Input(1, i) - Recurrent(1, i)));
            var n = Math.Tanh(Input(2, i) + r * (Recurrent(2, i) + b[i]));
            return (1 - z) * n + z * state[i];
        })];
    }

    private static double Probability(GruShape shape, double[] parameters, double[] state, int target)
    {
        var o = parameters[shape.Output];
        var bias = parameters[shape.OutputBias];
        var weights = Enumerable.Range(0, shape.Alphabet)
            .Select(c => Math.Exp(bias[c] + state.Select((value, k) => value * o[k * shape.Alphabet + c]).Sum()))
            .ToArray();
        return weights[target] / weights.Sum();
    }
}
