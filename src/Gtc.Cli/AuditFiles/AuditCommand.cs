using System.CommandLine;
using System.Text.Json.Serialization;
using Gtc.Cli.Verbs;

namespace Gtc.Cli.AuditFiles;

/// <summary><c>gtc audit</c>: audit logs as files, away from their store (decision 52).</summary>
internal static class AuditCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Take audit logs out of their store, and check them there";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new Command("audit", Purpose);
        var flags = VerbFlags.AddForPlain(command);
        CommandGroup.AddTo(
            command,
            [
                new("export", () => AuditExport.Verb.Purpose, inner => AuditExport.Verb.Create(inner, flags)),
                new("verify", () => AuditVerify.Verb.Purpose, inner => AuditVerify.Verb.Create(inner, flags)),
            ],
            context);
        return command;
    }
}

/// <summary>The payloads and results of <c>gtc audit</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(VerifyFilePayload))]
[JsonSerializable(typeof(VerifiedFile))]
[JsonSerializable(typeof(ExportPayload))]
[JsonSerializable(typeof(ExportedFile))]
internal sealed partial class AuditFilesJson : JsonSerializerContext;
