using Gtc.Cli.Op.EnvPacks;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Op.Credentials;

/// <summary>The deployer of an environment and what it needs.</summary>
/// <param name="Kind">What is bound.</param>
/// <param name="Contract">What it needs of its platform.</param>
/// <param name="Setting">Where that is checked.</param>
/// <param name="CredentialsRef">The environment's credentials, or null.</param>
internal sealed record BoundDeployer(PackDescriptor Kind, IDeployerCredentials Contract, CredentialsSetting Setting, string? CredentialsRef)
{
    /// <summary>Finds it; every reason not to is a conflict.</summary>
    public static async Task<Outcome<BoundDeployer>> FindAsync(OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await at.LoadAsync(cancellationToken)).TryGet(out var document, out var refusal))
        {
            return refusal;
        }

        if (document.Packs.FirstOrDefault(binding => binding.Slot == CapabilitySlot.Deployer) is not { } binding)
        {
            return new Refusal.Conflict($"environment `{at.Environment}` has no deployer") { Next = "gtc op env-packs add slot=deployer kind=greentic.deployer.local-process@0.1.0 pack_ref=builtin" };
        }

        if (!(await OpPacks.CatalogAsync(at, call, cancellationToken)).TryGet(out var catalog, out refusal) || !(await at.FilesAsync(document, [], cancellationToken)).TryGet(out var files, out refusal))
        {
            return refusal;
        }

        if (!(await catalog.ResolveAsync(binding.Kind, CapabilitySlot.Deployer, cancellationToken)).TryGet(out var handler, out var error))
        {
            return new Refusal.Conflict(error.Message) { Next = "gtc op env-packs describe" };
        }

        if (handler.Credentials is not { } contract)
        {
            return new Refusal.Conflict($"{binding.Kind} does not say what credentials it needs");
        }

        return BoundAnswers.Load(files.Layout.Folder, binding.Kind.Path, binding.AnswersRef, handler).Then<BoundDeployer>(answers => new BoundDeployer(
            binding.Kind,
            contract,
            new CredentialsSetting
            {
                Environment = at.Environment,
                Folder = files.Layout.Folder,
                ListenAddr = document.HostConfig.ListenAddr,
                Answers = answers,
                Variable = call.Context.Variable,
                Time = call.Context.Time,
            },
            document.CredentialsRef));
    }
}
