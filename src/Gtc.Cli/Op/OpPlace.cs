using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op;

/// <summary>Where a verb works.</summary>
/// <param name="Store">The store.</param>
/// <param name="Environment">The environment, which need not exist.</param>
internal sealed record OpPlace(FileEnvironmentStore Store, EnvId Environment)
{
    /// <summary>The environment's files.</summary>
    public EnvironmentLayout Layout => Store.Layout.Environment(Environment);

    /// <summary>Refuses a change whose input is wrong already; the attempt is recorded like any other.</summary>
    public async Task<Refusal> RefuseAsync(MutationIntent intent, Refusal refusal, CancellationToken cancellationToken) =>
        (await Store.MutateAsync<bool>(intent, _ => refusal, cancellationToken)).Refusal ?? refusal;
}
