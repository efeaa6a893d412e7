using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gtc.Model;

namespace Gtc.Cli.Contexts;

/// <summary>The keyring of a person's session, through <c>secret-tool</c> of libsecret. A token is written to it by a pipe and read from one; it never stands on a command line.</summary>
internal static class Keyring
{
    private const string Program = "secret-tool";
    private const int MaxBytes = 16 << 10;
    private const int MaxErrorLength = 200;

    /// <summary>How long an answer is waited for: somebody may have to unlock the keyring first.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Keeps the token of a context.</summary>
    /// <returns>Null on success.</returns>
    public static Refusal? Write(string name, string token, CliContext context) => Run(["store", $"--label=gtc context {name}", .. Attributes(name)], token, context).Refusal;

    /// <summary>The token of a context.</summary>
    public static Outcome<string> Read(string name, CliContext context) => Run(["lookup", .. Attributes(name)], "", context).Then(bytes => bytes.Length == 0
        ? new Refusal.Missing($"the keyring has no token for context {name}") { Next = $"gtc context add {name} --store-url URL --token-keyring" }
        : TokenFiles.Of(bytes, $"the keyring's entry for context {name}"));

    /// <summary>Forgets the token of a context.</summary>
    /// <returns>Null on success, also when there was none.</returns>
    public static Refusal? Remove(string name, CliContext context) => Run(["clear", .. Attributes(name)], "", context).Refusal;

    private static string[] Attributes(string name) => ["application", "gtc", "context", name];

    private static Outcome<byte[]> Run(string[] words, string input, CliContext context)
    {
        if (Find(context) is not { } program)
        {
            return new Refusal.InvalidArgument($"there is no {Program} on this machine, so the keyring cannot be asked")
            {
                Details = [new("expected", $"{Program} of libsecret in PATH, and a keyring in this session")],
                Next = "gtc context add NAME --store-url URL --token-file -   keeps the token in a file that only you can read",
            };
        }

        try
        {
            var start = new ProcessStartInfo(program, words) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            using var patience = new CancellationTokenSource(Patience);
            using var end = patience.Token.Register(static state => ((Process)state!).Kill(entireProcessTree: true), process);
            using (var stdin = process.StandardInput.BaseStream)
            {
                stdin.Write(Encoding.UTF8.GetBytes(input));
            }

            var output = Bounded(process.StandardOutput.BaseStream);
            var error = Encoding.UTF8.GetString(Bounded(process.StandardError.BaseStream)).Trim();
            process.WaitForExit();
            return patience.IsCancellationRequested ? new Refusal.FileFailed($"{Program} did not answer within {Patience.TotalSeconds:0} seconds")
                : process.ExitCode == 0 || (error.Length == 0 && words[0] != "store") ? output
                : new Refusal.FileFailed(string.Create(CultureInfo.InvariantCulture, $"{Program} {words[0]} failed with {process.ExitCode}: {error[..Math.Min(error.Length, MaxErrorLength)]}"));
        }
        catch (Exception failure) when (failure is IOException or Win32Exception)
        {
            return new Refusal.FileFailed($"{Program} cannot be asked: {failure.Message.TrimEnd('.')}");
        }
    }

    /// <summary>The start of what it says; the rest is read and forgotten, so that it can end.</summary>
    private static byte[] Bounded(Stream stream)
    {
        var buffer = new byte[MaxBytes + 1];
        var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        stream.CopyTo(Stream.Null);
        return buffer[..length];
    }

    private static string? Find(CliContext context) => (context.Variable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, Program)).FirstOrDefault(File.Exists);
}
