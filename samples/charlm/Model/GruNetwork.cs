using Muster.Samples.Charlm.Numerics;

namespace Muster.Samples.Charlm.Model;

/// <summary>Runs a batch of character sequences forward through the network, and the error back.</summary>
/// <remarks>Everything is laid out time by time: element (t, row) of a matrix is its line t × batch + row. One thread.</remarks>
internal sealed class GruNetwork
{
    private readonly GruShape _shape;
    private readonly int _batch;
    private readonly int _window;
    private readonly int _scoreStride;
    private readonly float[] _parameters;
    private readonly int[] _tokens;
    private readonly PackedMatrix _recurrent;
    private readonly PackedMatrix _recurrentTransposed;
    private readonly PackedMatrix _output;
    private readonly PackedMatrix _outputTransposed;
    private readonly PackedMatrix _gateGradients;
    private readonly PackedMatrix _scoreGradients;
    private readonly FloatBuffer _states;
    private readonly FloatBuffer _gates;
    private readonly FloatBuffer _candidates;
    private readonly FloatBuffer _scores;
    private readonly FloatBuffer _stateGradients;
    private FloatBuffer _shown;
    private FloatBuffer? _masks;

    public GruNetwork(GruShape shape, int batch, int window)
    {
        (_shape, _batch, _window) = (shape, batch, window);
        var lines = batch * window;
        _scoreStride = Softmax.PaddedLength(shape.Alphabet);
        _parameters = new float[shape.Parameters];
        _tokens = new int[lines];
        _recurrent = new PackedMatrix(shape.Hidden, shape.Gates);
        _recurrentTransposed = new PackedMatrix(shape.Gates, shape.Hidden);
        _output = new PackedMatrix(shape.Hidden, shape.Alphabet);
        _outputTransposed = new PackedMatrix(shape.Alphabet, shape.Hidden);
        _gateGradients = new PackedMatrix(lines, shape.Gates);
        _scoreGradients = new PackedMatrix(lines, shape.Alphabet);
        _states = new FloatBuffer((lines + batch) * shape.Hidden);
        _gates = new FloatBuffer(lines * shape.Gates);
        _candidates = new FloatBuffer(lines * shape.Hidden);
        _scores = new FloatBuffer(lines * _scoreStride);
        _stateGradients = new FloatBuffer(lines * shape.Hidden);
        _shown = _states;
    }

    private int Lines => _batch * _window;

    /// <summary>Takes in the parameters for the passes that follow.</summary>
    public void Load(ReadOnlySpan<float> parameters)
    {
        parameters[.._shape.Parameters].CopyTo(_parameters);
        var u = parameters[_shape.Recurrent];
        var o = parameters[_shape.Output];
        _recurrent.Pack(u, _shape.Gates);
        _recurrentTransposed.PackTransposed(u, _shape.Gates);
        _output.Pack(o, _shape.Alphabet);
        _outputTransposed.PackTransposed(o, _shape.Alphabet);
    }

    /// <summary>Hides a share of each sequence's state from the products in the passes that follow, which are for training only.</summary>
    public void Hide(float rate, ulong seed, long step, int firstRow)
    {
        if (_masks is null)
        {
            _masks = new FloatBuffer(_batch * _shape.Hidden);
            _shown = new FloatBuffer(_states.Length);
        }

        Dropout.Draw(_masks.Span, rate, seed, step, firstRow, _batch, _shape.Hidden);
    }

    /// <summary>Every sequence begins with an empty memory.</summary>
    public void ForgetState() => _states.Span[..(_batch * _shape.Hidden)].Clear();

    /// <summary>Every sequence goes on where the last pass ended.</summary>
    public void CarryState() => _states.Span[(Lines * _shape.Hidden)..].CopyTo(_states.Span);

    /// <summary>Reads the characters and leaves the probabilities of each next one in <see cref="Probabilities"/>.</summary>
    public void Forward(ReadOnlySpan<int> tokens)
    {
        tokens.CopyTo(_tokens);
        var length = _batch * _shape.Hidden;
        _gates.Span.Clear();
        Show(0);
        for (var t = 0; t < _window; t++)
        {
            var gates = _gates.Span.Slice(t * _batch * _shape.Gates, _batch * _shape.Gates);
            MatrixProduct.Add(_shown.Span[(t * length)..], _shape.Hidden, 1, _recurrent, gates, _shape.Gates, _batch);
            for (var row = 0; row < _batch; row++)
                Advance(t * _batch + row);
            Show(t + 1);
        }

        Score(_shown.Span[length..]);
    }

    /// <summary>Line t × batch + row: the probabilities of what follows character t of that sequence.</summary>
    public Span<float> Probabilities(int line) => _scores.Span.Slice(line * _scoreStride, _shape.Alphabet);

    /// <summary>The summed loss of the last pass, in nats. A negative target is not counted.</summary>
    public double Loss(ReadOnlySpan<int> targets)
    {
        var loss = 0.0;
        for (var line = 0; line < Lines; line++)
        {
            if (targets[line] >= 0)
                loss -= Math.Log(Math.Max(Probabilities(line)[targets[line]], float.Epsilon));
        }

        return loss;
    }

    /// <summary>Adds the gradient of <paramref name="scale"/> × the summed loss. The pass's probabilities are used up.</summary>
    public void Backward(ReadOnlySpan<int> targets, float scale, Span<float> gradient)
    {
        OutputGradients(targets, scale, gradient);
        RecurrentGradients();
        _gateGradients.Pack(_gates.Span, _shape.Gates);
        MatrixProduct.Add(_shown.Span, 1, _shape.Hidden, _gateGradients, gradient[_shape.Recurrent], _shape.Gates, _shape.Hidden);
        InputGradients(gradient);
    }

    /// <summary>What the products see of the states before character t.</summary>
    private void Show(int t)
    {
        if (_masks is null)
            return;
        var place = t * _masks.Length;
        _states.Span.Slice(place, _masks.Length).CopyTo(_shown.Span[place..]);
        Sums.Multiply(_masks.Span, _shown.Span.Slice(place, _masks.Length));
    }

    private void Advance(int line)
    {
        var hidden = _shape.Hidden;
        var states = _states.Span;
        GruCell.Forward(
            _parameters.AsSpan(_tokens[line] * _shape.Gates, _shape.Gates),
            _parameters.AsSpan()[_shape.CandidateBias],
            states.Slice(line * hidden, hidden),
            _gates.Span.Slice(line * _shape.Gates, _shape.Gates),
            _candidates.Span.Slice(line * hidden, hidden),
            states.Slice((line + _batch) * hidden, hidden));
    }

    private void Score(ReadOnlySpan<float> states)
    {
        var bias = _parameters.AsSpan()[_shape.OutputBias];
        for (var line = 0; line < Lines; line++)
        {
            var row = _scores.Span.Slice(line * _scoreStride, _scoreStride);
            bias.CopyTo(row);
            row[_shape.Alphabet..].Fill(Softmax.Padding);
        }

        MatrixProduct.Add(states, _shape.Hidden, 1, _output, _scores.Span, _scoreStride, Lines);
        for (var line = 0; line < Lines; line++)
            Softmax.Apply(_scores.Span.Slice(line * _scoreStride, _scoreStride));
    }

    private void OutputGradients(ReadOnlySpan<int> targets, float scale, Span<float> gradient)
    {
        var bias = gradient[_shape.OutputBias];
        for (var line = 0; line < Lines; line++)
        {
            var row = Probabilities(line);
            row[targets[line]] -= 1;
            for (var i = 0; i < row.Length; i++)
                bias[i] += row[i] *= scale;
        }

        _scoreGradients.Pack(_scores.Span, _scoreStride);
        MatrixProduct.Add(_shown.Span[(_batch * _shape.Hidden)..], 1, _shape.Hidden, _scoreGradients, gradient[_shape.Output], _shape.Alphabet, _shape.Hidden);
        _stateGradients.Span.Clear();
        MatrixProduct.Add(_scores.Span, _scoreStride, 1, _outputTransposed, _stateGradients.Span, _shape.Hidden, Lines);
    }

    private void RecurrentGradients()
    {
        var hidden = _shape.Hidden;
        var length = _batch * hidden;
        for (var t = _window - 1; t >= 0; t--)
        {
            var gradients = _stateGradients.Span.Slice(t * length, length);
            if (t < _window - 1)
                AddProductGradients(t + 1, gradients);
            if (_masks is not null)
                Sums.Multiply(_masks.Span, gradients);
            if (t < _window - 1)
                Sums.Add(_stateGradients.Span.Slice((t + 1) * length, length), gradients);   // what came by z, past the mask
            for (var line = t * _batch; line < (t + 1) * _batch; line++)
            {
                GruCell.Backward(
                    _states.Span.Slice(line * hidden, hidden),
                    _gates.Span.Slice(line * _shape.Gates, _shape.Gates),
                    _candidates.Span.Slice(line * hidden, hidden),
                    _stateGradients.Span.Slice(line * hidden, hidden));
            }
        }
    }

    /// <summary>Adds the gradients of the states that entered the gates of character t.</summary>
    private void AddProductGradients(int t, Span<float> gradients)
    {
        var gates = _gates.Span[(t * _batch * _shape.Gates)..];
        MatrixProduct.Add(gates, _shape.Gates, 1, _recurrentTransposed, gradients, _shape.Hidden, _batch);
    }

    private void InputGradients(Span<float> gradient)
    {
        var hidden = _shape.Hidden;
        var input = gradient[_shape.Input];
        var bias = gradient[_shape.CandidateBias];
        for (var line = 0; line < Lines; line++)
        {
            var gates = _gates.Span.Slice(line * _shape.Gates, _shape.Gates);
            var row = input.Slice(_tokens[line] * _shape.Gates, _shape.Gates);
            Sums.Add(gates[..(2 * hidden)], row);
            Sums.Add(_candidates.Span.Slice(line * hidden, hidden), row[(2 * hidden)..]);
            Sums.Add(gates[(2 * hidden)..], bias);
        }
    }
}
