using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Contexts;

/// <summary>A store server under a name of one's own.</summary>
internal sealed record StoreContext
{
    /// <summary>Its address.</summary>
    public required string StoreUrl { get; init; }

    /// <summary>The file that holds its token, absolute, or relative to the folder of the contexts; null for none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Whether its token is in the keyring; null when it is not.</summary>
    public bool? TokenKeyring { get; init; }

    /// <summary>The authorities that its certificate may be of, a PEM file.</summary>
    public string? CaFile { get; init; }

    /// <summary>The certificate that is shown to it, a PEM file.</summary>
    public string? ClientCert { get; init; }

    /// <summary>The key of that certificate, a PEM file.</summary>
    public string? ClientKey { get; init; }

    /// <summary>Whose certificate is believed, and which one is shown.</summary>
    public StoreTransport Transport() => new() { AuthorityFile = CaFile, CertificateFile = ClientCert, KeyFile = ClientKey };
}

/// <summary>The contexts of a person, <c>gtc/contexts.json</c> below <c>XDG_CONFIG_HOME</c> or <c>~/.config</c>. Tokens lie beside it, each in a file of its own.</summary>
internal sealed record ContextFile
{
    /// <summary>The name that stands for files on this machine.</summary>
    public const string Local = "local";

    private const string SchemaId = "greentic.contexts.v1";
    private const int MaxBytes = 1 << 20;
    private const int MaxNameLength = 63;

    /// <summary>Always <c>greentic.contexts.v1</c>.</summary>
    public string Schema { get; init; } = SchemaId;

    /// <summary>The name of the one in use.</summary>
    public string Current { get; init; } = Local;

    /// <summary>All of them by name.</summary>
    public ImmutableSortedDictionary<string, StoreContext> Contexts { get; init; } = ImmutableSortedDictionary<string, StoreContext>.Empty;

    /// <summary>The folder of the contexts and their tokens; null where there is neither variable.</summary>
    public static string? Folder(CliContext context) => context.Variable("XDG_CONFIG_HOME") is { Length: > 0 } config && Path.IsPathFullyQualified(config) ? Path.Combine(config, "gtc")
        : context.Variable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".config", "gtc")
        : null;

    /// <summary>Reads the file; an absent one has no contexts.</summary>
    public static Outcome<ContextFile> Read(CliContext context)
    {
        if (Folder(context) is not { } folder)
        {
            return new ContextFile();
        }

        var path = Path.Combine(folder, "contexts.json");
        try
        {
            var length = new FileInfo(path) is { Exists: true } file ? file.Length : -1;
            return length < 0 ? new ContextFile()
                : length > MaxBytes ? new Refusal.InvalidArgument($"{path} has more than {MaxBytes:N0} bytes")
                : Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"{path} cannot be read: {error.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Writes the file.</summary>
    /// <returns>Null on success.</returns>
    public Refusal? Write(CliContext context) => Folder(context) is { } folder
        ? new AtomicFile(new RandomSource(context.Random)).Write(Path.Combine(folder, "contexts.json"), [.. JsonSerializer.SerializeToUtf8Bytes(this, ContextJson.Default.ContextFile), (byte)'\n'], AtomicFile.Private)
        : new Refusal.InvalidArgument("there is no place for contexts: neither XDG_CONFIG_HOME nor HOME is set");

    /// <summary>The server of a context with its token; null for the local store.</summary>
    public Outcome<ServerProfile?> Server(string name, CliContext context)
    {
        if (name == Local)
        {
            return (ServerProfile?)null;
        }

        if (!Contexts.TryGetValue(name, out var chosen))
        {
            return Unknown(name, Contexts.Keys);
        }

        var token = chosen.TokenKeyring == true ? Keyring.Read(name, context).Then<string?>(read => read)
            : chosen.TokenFile is { } file ? TokenFiles.Read(Path.Combine(Folder(context)!, file)).Then<string?>(read => read) : (string?)null;
        return token.Then(read => StoreTarget.Of(chosen.StoreUrl, read)).Then<ServerProfile?>(target => new ServerProfile(target, chosen.Transport()) { Name = name });
    }

    /// <summary>The contexts without one of them; the token that was kept for it goes too.</summary>
    /// <returns>Them; or why the keyring does not forget the token.</returns>
    public Outcome<ContextFile> Without(string name, CliContext context) => Forget(name, next: null, context) is { } kept
        ? kept
        : this with { Contexts = Contexts.Remove(name), Current = Current == name ? Local : Current };

    /// <summary>Forgets the token that was kept for a context, where what takes its place does not use it. A token file of a person's own stays.</summary>
    /// <param name="name">The context; one that is not known has no token.</param>
    /// <param name="next">What takes its place, or null.</param>
    /// <param name="context">The surroundings.</param>
    /// <returns>Null on success; else why it is still there.</returns>
    public Refusal? Forget(string name, StoreContext? next, CliContext context)
    {
        if (!Contexts.TryGetValue(name, out var previous))
        {
            return null;
        }

        if (previous.TokenKeyring == true && next?.TokenKeyring != true && Keyring.Remove(name, context) is { } kept)
        {
            return kept;
        }

        return previous.TokenFile is { } token && !Path.IsPathFullyQualified(token) && Path.Combine(Folder(context)!, token) is var path && (next?.TokenFile is not { } used || Path.Combine(Folder(context)!, used) != path)
            ? TokenFiles.Remove(path)
            : null;
    }

    /// <summary>That there is no such context.</summary>
    public static Refusal Unknown(string name, IEnumerable<string> known) =>
        new Refusal.Missing($"there is no context `{name}`") { Details = [.. known.Select(one => new RefusalDetail("known", one))], Next = "gtc context list" };

    /// <summary>Whether a text may name a context.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= MaxNameLength && text != Local && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.') && text[0] != '.';

    private static Outcome<ContextFile> Parse(byte[] bytes, string path)
    {
        try
        {
            var file = JsonSerializer.Deserialize(bytes, ContextJson.Default.ContextFile);
            return file is { Schema: SchemaId } ? file : new Refusal.UnreadableAnswers($"{path} is no file of contexts of this version of gtc");
        }
        catch (JsonException error)
        {
            return new Refusal.UnreadableAnswers($"{path} cannot be read: {error.Message}");
        }
    }
}

/// <summary>The contexts as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    WriteIndented = true)]
[JsonSerializable(typeof(ContextFile))]
internal sealed partial class ContextJson : JsonSerializerContext;
