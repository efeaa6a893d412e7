using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.TrustRoots;

/// <summary>Finds the operator's key of a call.</summary>
internal static class OpKeys
{
    /// <summary>The key's file; it need not exist.</summary>
    public static Outcome<OperatorKeyFile> File(VerbCall call) =>
        OperatorKeyFile.FindPath(call.Context.Variable).Then(path => (Outcome<OperatorKeyFile>)new OperatorKeyFile(call.Context.PathOf(path), new RandomSource(call.Context.Random)));

    /// <summary>The id of the key that signs where a verb works: this machine's, or the server's own; null where there is none yet.</summary>
    public static async Task<Outcome<string?>> FindIdAsync(OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (at is RemotePlace remote)
        {
            return await remote.Store.OperatorKeyAsync(at.Environment, cancellationToken);
        }

        if (!File(call).Then(file => file.LoadIfPresent()).TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        using (key)
        {
            return key?.KeyId;
        }
    }

    /// <summary>The trust roots where a verb works.</summary>
    public static Outcome<ITrustRoots> Roots(VerbCall call, OpPlace at) =>
        at is RemotePlace remote
        ? new RemoteTrustRoots(remote)
        : File(call).Then<ITrustRoots>(key => new LocalTrustRoots(((LocalPlace)at).Store, key) { Expected = ((LocalPlace)at).Expected });
}
