using System.CommandLine;
using Gtc.Cli.Verbs;

namespace Gtc.Cli.Fleet.Nats;

/// <summary><c>gtc fleet nats kv</c>: looking into the buckets with no other tool (decision 38).</summary>
internal static class KvCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Look into the fleet's buckets";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var kv = new Command("kv", Purpose);
        var flags = VerbFlags.AddForPlain(kv);
        kv.Add(KvList.Verb.Create(context, flags));
        kv.Add(KvGet.Verb.Create(context, flags));
        kv.Add(KvPut.Verb.Create(context, flags));
        kv.Add(KvWatch.Verb.Create(context, flags));
        kv.Add(KvHistory.Verb.Create(context, flags));
        return kv;
    }
}
