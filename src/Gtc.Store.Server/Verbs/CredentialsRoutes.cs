using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>
/// The credentials of a deployer. They are checked, made and encrypted by the caller; the server keeps what is known of them, the ciphertext and the
/// rules in one commit, so that an environment is never bound to credentials that are not there.
/// </summary>
internal static class CredentialsRoutes
{
    private const string Noun = "credentials";
    private const string Path = "/environments/{env_id}/credentials";
    private const string Schema = "greentic.credentials.v1";
    private const string RulesFolder = "rules/";
    private const int MaxDocumentBytes = 64 << 10;
    private const int MaxRules = 256;

    /// <summary>The routes.</summary>
    public static IReadOnlyList<ChangeRoute> All { get; } =
    [
        Of("PUT", "", "bind", "Says which credentials the deployer uses, with what is known of them", body => body is { Document: not null, CredentialsRef: not null, Rules.IsEmpty: true }),
        Of("DELETE", "", "unbind", "Takes the deployer's credentials away", body => body is { Document: null, CredentialsRef: null, Rules.IsEmpty: true }),
        Of("POST", "/rotate", "rotate", "Replaces the deployer's credentials by new ones, or records that they are not due", body => body.CredentialsRef is not null && body.CredentialsRef == body.Expected),
        Of("POST", "/bootstrap", "bootstrap", "Keeps the description of an identity, or the credentials of one that was made", body => body is { Document: not null, Expected: null }),
        Of("POST", "/requirements", "requirements", "Keeps what a check of the deployer's credentials found", body =>
            body is { Document: not null, File: null, Rules.IsEmpty: true } && body.CredentialsRef == body.Expected),
    ];

    private static ChangeRoute Of(string method, string path, string verb, string summary, Func<CredentialsBody, bool> fits) =>
        ChangeRoute.With(method, Path + path, Noun, verb, summary, ContractJson.Default.CredentialsBody, (asked, body) => fits(body)
            ? Plan(asked, body)
            : new Refusal.InvalidArgument($"the body does not fit {Noun}.{verb}")) with
        {
            Precondition = Precondition.OfSide,
            MaxBody = static _ => SideDocument.MaxBytes + (2 << 20),
        };

    private static Outcome<Planned> Plan(Asked asked, CredentialsBody body)
    {
        if (!Files(asked.Environment, body).TryGet(out var files, out var refusal))
        {
            return refusal;
        }

        var reference = body.CredentialsRef ?? body.Expected;
        if (reference is not null && (References.CheckSecret(reference, out var environment) is not null || environment != asked.Environment.ToString()))
        {
            return new Refusal.InvalidArgument($"`{reference}` is not of the form secret://{asked.Environment}/<path>");
        }

        return new Planned(Wire.Target(asked.Environment, ("credentials_ref", reference), ("admin_profile", body.AdminProfile)), context => Step(context, body, reference, files))
        {
            Side = body.File is null ? null : SecretRoutes.Name,
            AlsoNeeds = body.File is null ? null : ("secrets", body.CredentialsRef is null ? "delete" : "put"),
        };
    }

    private static Outcome<Change> Step(ChangeContext context, CredentialsBody body, string? reference, ImmutableSortedDictionary<SideName, byte[]?> files)
    {
        if (context.Present.CredentialsRef != body.Expected)
        {
            return new Refusal.Conflict($"environment `{context.Present.EnvironmentId}` was bound to other credentials meanwhile");
        }

        var secrets = body.File is not { } sent ? TypedSides.None : SecretUri.Parse(reference ?? "").Then(secret =>
            SecretRoutes.Changed(context, secret, body.CredentialsRef is null ? SecretStep.Delete : SecretStep.Put, sent));
        return secrets.Then<Change>(changed => new Change(Wire.Answer(new JsonObject { ["credentials_ref"] = body.CredentialsRef }))
        {
            Document = body.CredentialsRef == body.Expected ? null : context.Present with { CredentialsRef = body.CredentialsRef },
            Sides = files.AddRange(changed),
        });
    }

    /// <summary>What is written beside the document, apart from the ciphertext.</summary>
    private static Outcome<ImmutableSortedDictionary<SideName, byte[]?>> Files(EnvId environment, CredentialsBody body)
    {
        var text = body.Document is { } document ? document.GetRawText() : null;
        if (text is not null && (text.Length > MaxDocumentBytes || Text(body.Document!.Value, "schema") != Schema || Text(body.Document.Value, "env_id") != environment.ToString()))
        {
            return new Refusal.InvalidArgument($"document must be of schema {Schema}, about this environment, and have at most {MaxDocumentBytes:N0} bytes");
        }

        if (body.Rules.Length > MaxRules)
        {
            return new Refusal.InvalidArgument($"rules must have at most {MaxRules} files");
        }

        // What is known of credentials ends with them; of those that stay bound it is left as it is.
        var files = text is not null ? TypedSides.Of(OpenSides.Credentials, [.. Encoding.UTF8.GetBytes(text), (byte)'\n'])
            : body.CredentialsRef != body.Expected ? TypedSides.Of(OpenSides.Credentials, (byte[]?)null)
            : TypedSides.None;
        foreach (var rule in body.Rules)
        {
            if (!SideName.TryParse(rule.Name, out var name) || !rule.Name.StartsWith(RulesFolder, StringComparison.Ordinal))
            {
                return new Refusal.InvalidArgument($"rules: `{rule.Name}` is no path below {RulesFolder}");
            }

            files = files.SetItem(name, rule.Content is { } content ? Encoding.UTF8.GetBytes(content) : null);
        }

        return files;
    }

    private static string? Text(JsonElement document, string member) =>
        document.ValueKind == JsonValueKind.Object && document.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
