using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Gtc.Cli.Payloads;
using Gtc.Cli.Verbs;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Cli.Op.Credentials;

/// <summary>The administrator's credentials of one command: used once, overwritten, and recorded nowhere but by their handle.</summary>
internal static class AdminMaterial
{
    private const int MaxBytes = 64 * 1024;
    private const uint ShortestLife = 600;
    private const uint LongestLife = 31_536_000;

    /// <summary>How they and the life of what they make are typed.</summary>
    public static PayloadField[] Fields =>
    [
        new("admin_profile", "the handle of the administrator's identity, for Kubernetes a context of the kubeconfig; the only part of it that is recorded", "--admin-profile", "NAME"),
        new("admin_material_path", "the file with the administrator's credentials; for Kubernetes a kubeconfig in place of your own", "--admin-material", "FILE"),
        new("admin_material_inline", "the credentials themselves; only from an answers file or standard input"),
        new("token_ttl_secs", "how many seconds new credentials live, 600 to 31536000; a day when not given, and the platform may give less", "--token-ttl", "SECONDS"),
    ];

    /// <summary>Refuses material among the words before anything can quote it.</summary>
    public static Outcome<ImmutableArray<Word>> ReadWords(ImmutableArray<Word> words) => words.Any(word => word.Segments[0] == "admin_material_inline")
        ? new Refusal.InvalidArgument("credentials are not taken on the command line, which process lists and shell histories keep: use admin_material_path")
        : words;

    /// <summary>How long new credentials should live.</summary>
    public static Outcome<TimeSpan> Lifetime(uint? seconds) => seconds switch
    {
        null => TimeSpan.FromDays(1),
        < ShortestLife or > LongestLife => new Refusal.InvalidArgument($"token_ttl_secs is {seconds}, {ShortestLife} to {LongestLife} was expected"),
        { } given => TimeSpan.FromSeconds(given),
    };

    /// <summary>Reads them; null when none are given and the deployer finds them by their handle.</summary>
    public static async Task<Outcome<CredentialMaterial?>> ReadAsync(string? path, string? inline, IDeployerCredentials contract, VerbCall call, CancellationToken cancellationToken)
    {
        if ((path, inline) is (null, null) && !contract.NeedsAdminMaterial)
        {
            return (CredentialMaterial?)null;
        }

        var buffer = GC.AllocateArray<byte>(MaxBytes + 1, pinned: true);
        try
        {
            int length;
            switch (path, inline)
            {
                case ({ } name, null):
                    await using (var file = File.OpenRead(call.Context.PathOf(name)))
                    {
                        length = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
                    }

                    break;
                case (null, { } text) when Encoding.UTF8.GetByteCount(text) <= MaxBytes:
                    length = Encoding.UTF8.GetBytes(text, buffer);
                    break;
                case (null, not null):
                    length = buffer.Length;
                    break;
                default:
                    return new Refusal.Conflict("the administrator's credentials are needed, once: admin_material_path or admin_material_inline");
            }

            return length is > 0 and <= MaxBytes && Utf8.IsValid(buffer.AsSpan(0, length))
                ? new CredentialMaterial(buffer.AsSpan(0, length))
                : new Refusal.Conflict($"the administrator's credentials must be UTF-8 text of 1 to {MaxBytes} bytes");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.Conflict($"the administrator's credentials cannot be read: {error.Message.TrimEnd('.')}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    /// <summary>What a bootstrap or a rotation came to, when it came to nothing.</summary>
    public static Refusal Refused(BootstrapResult result, PackDescriptor kind) => result switch
    {
        BootstrapResult.NotApplicable nothing => new Refusal.Conflict($"there is nothing to do for {kind}: {nothing.Why}"),
        BootstrapResult.AdminRejected rejected => new Refusal.Conflict($"the administrator's credentials were not accepted: {rejected.Why}"),
        BootstrapResult.ProvisioningFailed failed => new Refusal.Conflict($"step `{failed.Step}` failed: {failed.Why}"),
        _ => throw new InvalidOperationException($"{result} is no failure."),
    };
}
