using Muster.Raft.Replay;

var folder = args.FirstOrDefault(arg => arg.Length > 0 && arg[0] != '-') ?? Environment.GetEnvironmentVariable("MUSTER_ETCD_RAFT");
if (folder is null || !Directory.Exists(folder))
{
    Console.WriteLine("skip: the files of etcd-io/raft are read from outside this tree: name its folder, or set MUSTER_ETCD_RAFT to it");
    Console.WriteLine("   Total: 1, Errors: 0, Failed: 0, Skipped: 1, Not Run: 0, Time: 0s");
    return 0;
}

var show = args.Contains("--show");
var suites = Suites.Of(folder).Select(suite => suite.Run(show)).ToList();
return Report.Print(suites);
