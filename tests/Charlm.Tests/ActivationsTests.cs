using System.Runtime.Intrinsics;
using Muster.Samples.Charlm.Model;
using Muster.Samples.Charlm.Numerics;

namespace Charlm.Tests;

public sealed class ActivationsTests
{
    private const int Cases = 20_000;

    [Fact]
    public void Exponential_sigmoid_and_tanh_are_those_of_the_mathematics() => Seeds.ForEach(Cases, random =>
    {
        var x = (float)((2 * random.NextDouble() - 1) * Math.Pow(10, 3 * random.NextDouble() - 1.1));
        x = Math.Clamp(x, -80, 80);

        var exp = Activations.Exp(Vector256.Create(x))[0];
        var sigmoid = Activations.Sigmoid(Vector256.Create(x))[0];
        var tanh = Activations.Tanh(Vector256.Create(x))[0];

        Assert.InRange(exp / Math.Exp(x), 1 - 3e-7, 1 + 3e-7);
        Assert.Equal(1 / (1 + Math.Exp(-x)), sigmoid, 3e-7);
        Assert.Equal(Math.Tanh(x), tanh, 3e-7);
    });

    [Theory]
    [InlineData(float.NegativeInfinity)]
    [InlineData(-1e30f)]
    [InlineData(-90f)]
    public void The_exponential_of_a_very_negative_number_is_exactly_zero(float x)
    {
        var exp = Activations.Exp(Vector256.Create(x));

        Assert.Equal(Vector256<float>.Zero, exp);
    }

    [Fact]
    public void Probabilities_sum_to_one_and_padding_has_none() => Seeds.ForEach(200, random =>
    {
        var alphabet = random.Next(1, 70);
        var row = new float[Softmax.PaddedLength(alphabet)];
        random.Floats(alphabet).CopyTo(row, 0);
        row.AsSpan(alphabet).Fill(Softmax.Padding);

        Softmax.Apply(row);

        Assert.Equal(1, row[..alphabet].Sum(), 1e-5);
        Assert.All(row[alphabet..], probability => Assert.Equal(0f, probability));
    });
}
