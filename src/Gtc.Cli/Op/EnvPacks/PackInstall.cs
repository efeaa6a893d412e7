using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Cli.Op.TrustRoots;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;
using Gtc.Signing;
using Gtc.Store;

namespace Gtc.Cli.Op.EnvPacks;

/// <summary><c>gtc op env-packs sign</c> and <c>install</c>: env-packs of other people.</summary>
internal static class PackInstall
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static Verb<FolderPayload> Sign => new()
    {
        Noun = EnvPacksNoun.Name,
        Name = "sign",
        Purpose = "Sign the folder of an env-pack with the operator key",
        Examples = ["op env-packs sign my-env-pack"],
        Payload = PacksJson.Default.FolderPayload,
        Fields = [new("folder", "the folder with pack.json; pack.sig is written into it", Position: "FOLDER")],
        RunAsync = SignAsync,
    };

    public static Verb<InstallPayload> Install => new()
    {
        Noun = EnvPacksNoun.Name,
        Name = "install",
        Purpose = "Install a signed env-pack, so that environments that trust its signer may bind it",
        Remark = "It is copied beside the store, to env-packs/KIND@VERSION. Every use verifies the signature again, with the keys of the environment that uses it.",
        Examples = ["op env-packs install my-env-pack"],
        Payload = PacksJson.Default.InstallPayload,
        Fields = [new("folder", "the signed folder", Position: "FOLDER"), PayloadField.Environment with { Position = null }, PayloadField.AuditKey],
        RunAsync = InstallAsync,
    };

    private static Task<Outcome<Answer>> SignAsync(FolderPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var folder = call.Context.PathOf(payload.Folder);
        if (!InstalledPacks.ReadManifest(folder).TryGet(out var manifest, out var refusal)
            || !OpKeys.File(call).Then(file => file.LoadIfPresent()).TryGet(out var key, out refusal))
        {
            return Task.FromResult<Outcome<Answer>>(refusal);
        }

        if (key is null)
        {
            return Task.FromResult<Outcome<Answer>>(new Refusal.OperatorKeyFailed("there is no operator key to sign with") { Next = "gtc op trust-root bootstrap" });
        }

        using (key)
        {
            return Task.FromResult(PackSignatures.Sign(folder, key.Key).Then<Answer>(count => Answer.Of(
                new PackSigned(manifest.Kind.ToString(), folder, key.KeyId, count),
                PacksJson.Default.PackSigned,
                screen =>
                {
                    screen.Say($"{manifest.Kind} is signed, {count} files, by operator key {key.KeyId}.");
                    screen.Facts(("next", $"gtc op env-packs install {payload.Folder}"));
                })));
        }
    }

    private static async Task<Outcome<Answer>> InstallAsync(InstallPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.OpenAsItIs(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var source = call.Context.PathOf(payload.Folder);
        var manifest = InstalledPacks.ReadManifest(source);
        var intent = OpStore.Intent(at.Environment, EnvPacksNoun.Name, "install", ("kind", manifest.Match(read => read.Kind.ToString(), _ => (string?)null)));
        if (!call.IdempotencyKey(payload.IdempotencyKey).TryGet(out var key, out refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        var keys = await OpPacks.TrustedKeysAsync(at, call, cancellationToken);
        Outcome<PackInstalled> Place(FileEnvironmentStore store) => manifest.Then(read => keys.Then(trusted => PackInstall.Place(read, source, OpPacks.InstallRoot(store), trusted, call)));

        // Of what is installed on this machine a store server keeps no record: the environment does not change.
        var done = at is LocalPlace local
            ? await local.Store.MutateAsync<PackInstalled>(
                intent with { IdempotencyKey = key },
                change => change.Required(at.Environment).Then(_ => Place(local.Store)).Then(installed => (Outcome<Mutation<PackInstalled>>)new Mutation<PackInstalled>(installed)),
                cancellationToken)
            : (await at.LoadAsync(cancellationToken)).Then(_ => call.LocalStore()).Then(Place);
        return done.Then<Answer>(installed => Answer.Of(installed, PacksJson.Default.PackInstalled, screen =>
        {
            screen.Say(installed.Changed ? $"{installed.Kind} is installed." : $"{installed.Kind} is installed already; nothing changed.");
            screen.Facts(("folder", installed.Folder), ("signed by", string.Join(", ", installed.SignedBy)), ("next", $"gtc op env-packs describe {installed.Kind}"));
        }));
    }

    /// <summary>Copies beside, verifies the copy, then swaps it in: what runs later is what was verified here.</summary>
    private static Outcome<PackInstalled> Place(PackManifest manifest, string source, string root, ImmutableArray<TrustedKey> keys, VerbCall call)
    {
        if (!PackSignatures.Verify(source, keys).TryGet(out var signers, out var refusal))
        {
            return refusal;
        }

        var target = Path.Combine(root, manifest.Kind.ToString());
        if (Directory.Exists(target))
        {
            return File.ReadAllBytes(Path.Combine(source, PackSignatures.FileName)).AsSpan().SequenceEqual(ReadIfThere(Path.Combine(target, PackSignatures.FileName)))
                && PackSignatures.Verify(target, keys).IsOk
                ? new PackInstalled(manifest.Kind.ToString(), target, signers, Changed: false)
                : new Refusal.Conflict($"another {manifest.Kind} is installed in {target}: a version never changes") { Details = [new("to replace it", "remove that folder")] };
        }

        var temporary = Path.Combine(root, $".{manifest.Kind}.{call.NewUlid()}");
        try
        {
            Copy(source, temporary, manifest.Executable);
            return PackSignatures.Verify(temporary, keys).Then<PackInstalled>(verified =>
            {
                Directory.Move(temporary, target);
                return new PackInstalled(manifest.Kind.ToString(), target, verified, Changed: true);
            });
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    private static byte[] ReadIfThere(string path) => File.Exists(path) ? File.ReadAllBytes(path) : [];

    private static void Copy(string source, string target, string executable)
    {
        foreach (var name in PackSignatures.Files(source).Value.Append(PackSignatures.FileName))
        {
            var path = Path.Combine(target, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(Path.Combine(source, name), path);
            File.SetUnixFileMode(path, name == executable ? OwnerOnly | UnixFileMode.UserExecute : OwnerOnly);
        }
    }
}
