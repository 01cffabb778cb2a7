using System.Buffers;
using System.Text.Json;
using Muster.Worker.Steps;

namespace Muster.Worker.Reports;

/// <summary>Writes report lines: one JSON object a line, as docs/worker-api.md has them.</summary>
internal sealed class ReportLines : IDisposable
{
    private readonly ArrayBufferWriter<byte> _bytes = new(16 * 1024);
    private readonly Utf8JsonWriter _json;

    public ReportLines() => _json = new Utf8JsonWriter(_bytes);

    /// <summary>The lines written since <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    /// <summary>Forgets what was written and keeps the memory.</summary>
    public void Clear() => _bytes.ResetWrittenCount();

    /// <summary>Reports in the order given; values that follow each other with one report number become one line.</summary>
    public void Reports(ReadOnlySpan<MetricValue> values)
    {
        for (var i = 0; i < values.Length;)
        {
            var first = values[i];
            _json.WriteStartObject();
            _json.WriteNumber("step"u8, first.Step);
            _json.WriteStartObject("metrics"u8);
            for (; i < values.Length && values[i].Report == first.Report; i++)
                Number(values[i].Name, values[i].Value);
            _json.WriteEndObject();
            End();
        }
    }

    public void Step(long step) => One("step", step);

    public void Total(long total) => One("total", total);

    public void Restored(long step) => One("restored", step);

    public void RestoreFailed(long step, string error) => Failure("restore_failed", step, error);

    public void SaveFailed(long step, string error) => Failure("save_failed", step, error);

    public void Answer(Answer answer)
    {
        _json.WriteStartObject();
        _json.WriteNumber(answer is Answer.Promise ? "promise"u8 : "refuse"u8, answer.Id);
        _json.WriteNumber("step"u8, answer.Done);
        End();
    }

    public void Dispose() => _json.Dispose();

    private void One(string name, long value)
    {
        _json.WriteStartObject();
        _json.WriteNumber(name, value);
        End();
    }

    private void Failure(string name, long step, string error)
    {
        _json.WriteStartObject();
        _json.WriteNumber(name, step);
        _json.WriteString("error"u8, error);
        End();
    }

    private void Number(string name, double value)
    {
        if (double.IsFinite(value))
            _json.WriteNumber(name, value);
        else    // JSON has no such number, and a loss of NaN is what one most wants to see
            _json.WriteString(name, double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        _bytes.Write("\n"u8);
    }
}
