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

    /// <summary>The trust roots where a verb works.</summary>
    public static Outcome<ITrustRoots> Roots(VerbCall call, OpPlace at) =>
        at is RemotePlace remote ? new RemoteTrustRoots(remote) : Roots(call, ((LocalPlace)at).Store).Then<ITrustRoots>(local => local);

    /// <summary>The trust roots of a local store.</summary>
    public static Outcome<LocalTrustRoots> Roots(VerbCall call, FileEnvironmentStore store) =>
        File(call).Then(key => (Outcome<LocalTrustRoots>)new LocalTrustRoots(store, key));
}
