using System.Diagnostics;
using System.Globalization;
using Muster.Worker;

// One rank of the checkpoint benchmark: saves `bytes` of state after each step in the background, and logs when the call began
// and returned. The keeper's events say when it was durable. The yardstick, before the first save: one copy of the same bytes
// into new files of tmpfs. Arguments: bytes, saves, pause in seconds, log file.
var bytes = long.Parse(args[0], CultureInfo.InvariantCulture);
var saves = int.Parse(args[1], CultureInfo.InvariantCulture);
var pause = TimeSpan.FromSeconds(double.Parse(args[2], CultureInfo.InvariantCulture));
using var run = TrainingRun.Join();
using var log = new StreamWriter(args[3] + $".{run.Rank}") { AutoFlush = true };
const int chunk = 64 << 20;
var state = new byte[(bytes + chunk - 1) / chunk][];
for (var i = 0; i < state.Length; i++)
{
    state[i] = GC.AllocateUninitializedArray<byte>((int)Math.Min(chunk, bytes - ((long)i * chunk)));
    new Random((run.Rank * 1000) + i).NextBytes(state[i]);
}

foreach (var step in run.Steps(saves))
{
    run.Report(("loss", 1.0));
    Meet($"{step}.copy");
    var path = $"/dev/shm/muster-bench-{Environment.ProcessId}";
    var began = Stopwatch.GetTimestamp();
    using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0))
        Write(file);
    Say("copy", Stopwatch.GetElapsedTime(began));
    File.Delete(path);

    Meet($"{step}.save");
    began = Stopwatch.GetTimestamp();
    var at = Now();
    run.Checkpoint(writer =>
    {
        using var file = writer.Create("state");
        Write(file);
    }, background: true);
    log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"save {step + 1} {at:0.0000} {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0000}"));
    Thread.Sleep(pause);
}

void Write(Stream file)
{
    foreach (var part in state)
        file.Write(part);
}

void Say(string what, TimeSpan took) =>
    log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} 0 {Now():0.0000} {took.TotalSeconds:0.0000}"));

static double Now() => (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;

// All ranks begin together: a file per rank, and who sees all of them goes on.
void Meet(string name)
{
    File.WriteAllText($"{args[3]}.{name}.{run.Rank}", "");
    while (Enumerable.Range(0, run.WorldSize).Any(rank => !File.Exists($"{args[3]}.{name}.{rank}")))
        Thread.Sleep(1);
}
