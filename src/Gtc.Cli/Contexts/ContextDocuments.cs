using System.Text.Json.Serialization;

namespace Gtc.Cli.Contexts;

/// <summary>What <c>context add</c> takes.</summary>
internal sealed record AddContextPayload
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The server's address.</summary>
    public required string StoreUrl { get; init; }

    /// <summary>The file that holds the token, or <c>-</c> to be asked for it.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Whether to be asked for the token and to keep it in the keyring.</summary>
    public bool TokenKeyring { get; init; }

    /// <summary>The authorities that the server's certificate may be of.</summary>
    public string? CaFile { get; init; }

    /// <summary>The certificate that is shown to the server.</summary>
    public string? ClientCert { get; init; }

    /// <summary>The key of that certificate.</summary>
    public string? ClientKey { get; init; }

    /// <summary>Whether to use it from now on.</summary>
    public bool Use { get; init; }
}

/// <summary>What <c>context use</c>, <c>show</c> and <c>remove</c> take.</summary>
internal sealed record ContextPayload
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }
}

/// <summary>The payload of a verb that takes nothing.</summary>
internal sealed record NoContextPayload;

/// <summary>A context in answers; the token is never in them.</summary>
internal sealed record ContextSummary
{
    /// <summary>Its name; <c>local</c> stands for files on this machine.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is the one in use.</summary>
    public required bool Current { get; init; }

    /// <summary>The server's address; null for files.</summary>
    public string? StoreUrl { get; init; }

    /// <summary>Where the token is.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Whether the token is in the keyring; null when it is not.</summary>
    public bool? TokenKeyring { get; init; }

    /// <summary>The authorities that the server's certificate may be of.</summary>
    public string? CaFile { get; init; }

    /// <summary>The certificate that is shown to the server.</summary>
    public string? ClientCert { get; init; }

    /// <summary>Makes it.</summary>
    public static ContextSummary Of(string name, ContextFile file) => file.Contexts.TryGetValue(name, out var found)
        ? new() { Name = name, Current = file.Current == name, StoreUrl = found.StoreUrl, TokenFile = found.TokenFile, TokenKeyring = found.TokenKeyring, CaFile = found.CaFile, ClientCert = found.ClientCert }
        : new() { Name = name, Current = file.Current == name };
}

/// <summary>What <c>context list</c> answers.</summary>
internal sealed record ContextList(IReadOnlyList<ContextSummary> Contexts);

/// <summary>The payloads and results of <c>gtc context</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(AddContextPayload))]
[JsonSerializable(typeof(ContextPayload))]
[JsonSerializable(typeof(NoContextPayload))]
[JsonSerializable(typeof(ContextSummary))]
[JsonSerializable(typeof(ContextList))]
internal sealed partial class ContextAnswers : JsonSerializerContext;
