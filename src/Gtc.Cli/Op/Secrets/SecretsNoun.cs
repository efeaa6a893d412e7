using System.CommandLine;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Secrets;

/// <summary><c>gtc op secrets</c>.</summary>
internal static class SecretsNoun
{
    /// <summary>The noun's label.</summary>
    public const string Name = "secrets";

    /// <summary>What it is.</summary>
    public const string Purpose = "Secrets of an environment";

    /// <summary>The secret that a verb is about.</summary>
    public static PayloadField PathField { get; } =
        new("path", "the secret, <tenant>/<team>/<pack>/<name>; the team `_` is nobody in particular", Position: "PATH");

    /// <summary>The environment, which is a flag here: the path is the position.</summary>
    public static PayloadField EnvironmentField { get; } = PayloadField.Environment with { Position = null };

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create(Name, Purpose, context,
    [
        new("put", SecretWrites.Put.Purpose, inner => SecretWrites.Put.Create(inner, flags)),
        new("get", SecretReads.Get.Purpose, inner => SecretReads.Get.Create(inner, flags)),
        new("list", SecretReads.List.Purpose, inner => SecretReads.List.Create(inner, flags)),
        new("rotate", SecretWrites.Rotate.Purpose, inner => SecretWrites.Rotate.Create(inner, flags)),
        new("delete", SecretWrites.Delete.Purpose, inner => SecretWrites.Delete.Create(inner, flags)),
        new("seal", SecretWrites.Seal.Purpose, inner => SecretWrites.Seal.Create(inner, flags)),
    ]);

    /// <summary>The secrets that an environment binds, in its files.</summary>
    public static Outcome<SecretStore> Open(EnvironmentDocument document, LocalPlace at, VerbCall call) =>
        SecretStore.Open(document, at.Store.Layout.Environment(at.Environment), Access(call));

    /// <summary>The secrets that an environment binds, wherever it is; on a store server they are fetched encrypted.</summary>
    public static async Task<Outcome<SecretStore>> OpenAsync(EnvironmentDocument document, OpPlace at, VerbCall call, CancellationToken cancellationToken) => at is RemotePlace remote
        ? (await FetchedSecrets.FetchAsync(remote, cancellationToken)).Then(fetched => fetched.Open(document, call))
        : Open(document, (LocalPlace)at, call);

    /// <summary>What secrets take from the process.</summary>
    public static SecretAccess Access(VerbCall call) => new(call.Context.Variable, call.Context.Time, new RandomSource(call.Context.Random));

    /// <summary>The secret that a path means in an environment.</summary>
    public static Outcome<SecretUri> Find(string path, EnvId environment) => SecretPath.Parse(path).Then(parsed => parsed.In(environment));

    /// <summary>Tells what a person should know about the way that secrets are kept.</summary>
    public static void Warn(SecretStore secrets, VerbCall call)
    {
        foreach (var warning in secrets.Warnings)
        {
            call.Warn(warning);
        }
    }

    /// <summary>Changes secrets inside a change of the environment, so that it is audited, refused or not. The line names the path and nothing else.</summary>
    public static async Task<Outcome<(SecretStore Store, T Result)>> ChangeAsync<T>(
        OpPlace at,
        string verb,
        Outcome<SecretUri> secret,
        Outcome<string?> key,
        VerbCall call,
        Func<SecretStore, SecretUri, Outcome<T>> change,
        CancellationToken cancellationToken)
    {
        var path = secret.Match(uri => $"{uri.Tenant}/{uri.Team}/{uri.Category}/{uri.Name}", _ => (string?)null);
        var intent = OpStore.Intent(at.Environment, Name, verb, ("environment_id", at.Environment.ToString()), ("path", path)) with
        {
            IdempotencyKey = key.Match(given => given, _ => null),
        };
        return at is RemotePlace remote
            ? await new SecretChange<T>(remote, intent, secret, key, call, change).RunAsync(cancellationToken)
            : await ((LocalPlace)at).ChangeFilesAsync(
                intent,
                context => secret
                    .Then(uri => key.Then(_ => context.Required(at.Environment)
                        .Then(document => Open(document, (LocalPlace)at, call))
                        .Then(store => change(store, uri).Then(result => (Outcome<Mutation<(SecretStore, T)>>)new Mutation<(SecretStore, T)>((store, result)))))),
                cancellationToken);
    }
}
