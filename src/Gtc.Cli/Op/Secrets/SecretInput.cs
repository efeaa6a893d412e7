using System.Security.Cryptography;
using System.Text.Json;
using Gtc.Cli.Payloads;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Secrets;

/// <summary>
/// Where the value of a secret comes from: a variable, a file, standard input, or a question at the terminal. Never the command line or an
/// answers file, which other people's process lists, shell histories and repositories keep.
/// </summary>
internal static class SecretInput
{
    private const string ValueMember = "value";

    private const string EnvFlag = "--from-env";
    private const string FileFlag = "--from-file";

    /// <summary>The two ways that can be written down.</summary>
    public static PayloadField[] Fields =>
    [
        new("value_from_env", "the variable that holds the value", EnvFlag, "VAR"),
        new("value_from_file", "the file that holds the value, or - for standard input; a line end behind a single line is not part of it", FileFlag, "FILE|-"),
    ];

    /// <summary>Refuses a value among the words before anything can quote it.</summary>
    public static Outcome<System.Collections.Immutable.ImmutableArray<Word>> ReadWords(System.Collections.Immutable.ImmutableArray<Word> words) =>
        words.Any(word => word.Segments[0] == ValueMember) ? NotHere("on the command line, which process lists and shell histories keep") : words;

    /// <summary>Refuses a value in answers.</summary>
    public static Refusal? Forbid(JsonElement payload) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(ValueMember, out _) ? NotHere("in answers, which are files that get shared") : null;

    /// <summary>Reads the value; null when no way was named and there is nobody to ask.</summary>
    /// <param name="variable">The variable's name, or null.</param>
    /// <param name="file">The file's name, or null.</param>
    /// <param name="question">What to ask at a terminal.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async Task<Outcome<SecretValue?>> ReadAsync(string? variable, string? file, string question, VerbCall call, CancellationToken cancellationToken) => (variable, file) switch
    {
        ({ } name, null) => Widen(OfVariable(name, call.Context)),
        (null, { } name) => Widen(await OfFileAsync(name, call.Context, cancellationToken)),
        (null, null) => call.Context.AskHidden is { } ask ? Widen(OfPrompt(await ask(call.Context.Stderr, question, cancellationToken))) : (SecretValue?)null,
        _ => new Refusal.InvalidArgument("value_from_env and value_from_file exclude each other"),
    };

    /// <summary>Nobody said where the value is.</summary>
    public static Refusal.InvalidArgument NoSource(string verb, string otherwise) => new($"there is no value: it comes {EnvFlag} VAR, {FileFlag} FILE, {FileFlag} - (standard input){otherwise}, or is asked for at a terminal")
    {
        Next = $"gtc op secrets {verb} PATH {FileFlag} -",
    };

    private static Refusal.InvalidArgument NotHere(string where) => new($"a secret's value is not taken {where}: name where it is instead")
    {
        Details = [new("expected", $"{EnvFlag} VAR, {FileFlag} FILE or {FileFlag} - (in answers: value_from_env, value_from_file)"), new("found", ValueMember)],
    };

    private static Outcome<SecretValue?> Widen(Outcome<SecretValue> value) => value.Then(read => (Outcome<SecretValue?>)read);

    // A value may have been typed where a name belongs, so names are not quoted.
    private static Outcome<SecretValue> OfVariable(string name, CliContext context) =>
        context.Variable(name) is { Length: > 0 } text ? SecretValue.Of(text) : new Refusal.InvalidArgument("the variable that value_from_env names is not set, or empty");

    private static Outcome<SecretValue> OfPrompt(byte[] typed)
    {
        try
        {
            return SecretValue.Of(typed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(typed);
        }
    }

    private static async Task<Outcome<SecretValue>> OfFileAsync(string name, CliContext context, CancellationToken cancellationToken)
    {
        const int LineEnd = 2;
        var bytes = GC.AllocateArray<byte>(SecretValue.MaxBytes + LineEnd + 1, pinned: true);
        try
        {
            await using var stream = name == AnswersFile.Stdin ? context.OpenStdin() : File.OpenRead(context.PathOf(name));
            var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            return SecretValue.Of(WithoutLineEnd(bytes.AsSpan(0, length)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"the value cannot be read: {error.Message.TrimEnd('.')}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Editors and <c>echo</c> end a line; a key file of several lines is kept byte for byte.</summary>
    private static Span<byte> WithoutLineEnd(Span<byte> bytes)
    {
        var line = bytes.EndsWith("\r\n"u8) ? bytes[..^2] : bytes.EndsWith("\n"u8) ? bytes[..^1] : bytes;
        return line.Contains((byte)'\n') ? bytes : line;
    }
}
