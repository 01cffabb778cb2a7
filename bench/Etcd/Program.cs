using System.Globalization;
using Muster.Bench.Etcd;

// The same client for every server of etcd's protocol. One JSON object comes out.
//   load ADDRESS put|range CLIENTS SECONDS RATE    each client waits for its last answer; RATE 0: as fast as it goes, else calls a second in all
//   watch ADDRESS ROUNDS                           from a put to its event
//   watchers ADDRESS WATCHERS ROUNDS               from a put until every watcher of the key was told
//   fill ADDRESS KEYS BYTES                        keys of so many bytes, in transactions
var address = new Uri(args[1]);
var line = args[0] switch
{
    "load" => await Load.RunAsync(address, args[2], int.Parse(args[3]), Number(args[4]), Number(args[5])),
    "watch" => await Watchers.OneAsync(address, int.Parse(args[2])),
    "watchers" => await Watchers.ManyAsync(address, int.Parse(args[2]), int.Parse(args[3])),
    "fill" => await Load.FillAsync(address, int.Parse(args[2]), int.Parse(args[3])),
    _ => throw new ArgumentException($"there is no '{args[0]}'"),
};
Console.WriteLine(line);

static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
