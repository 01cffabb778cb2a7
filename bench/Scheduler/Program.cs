using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Muster.Bench.Scheduler;
using Muster.Scheduling.Throughputs;

// Scheduler runs DATA [NAME] ROUNDS | allocate ROUNDS | live ROUNDS: one JSON line per figure.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var rounds = int.Parse(args[^1], CultureInfo.InvariantCulture);
switch (args[0])
{
    case "runs":
        ReferenceRuns.Measure(args[1], args.Length > 3 ? args[2] : "", rounds, Write);
        break;
    case "allocate":
        Allocations.Measure(BuiltInThroughputs.Create(), rounds, Write);
        break;
    case "live":
        LiveRound.Measure(rounds, Write);
        break;
}

void Write(string what, IReadOnlyList<double> seconds) => Console.WriteLine(JsonSerializer.Serialize(new
{
    what, seconds, peak_mib = Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0,
}));
