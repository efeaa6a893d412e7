using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Cli.Payloads;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Apply;

/// <summary>A manifest, and the folder that its relative paths start at.</summary>
/// <param name="Manifest">The manifest, checked.</param>
/// <param name="Folder">The folder, absolute.</param>
internal sealed record ManifestFile(EnvManifest Manifest, string Folder)
{
    /// <summary>Reads a manifest in JSON or YAML; <c>-</c> is standard input, whose paths start at the working folder.</summary>
    public static async Task<Outcome<ManifestFile>> ReadAsync(string? name, VerbCall call, CancellationToken cancellationToken)
    {
        if (name is null)
        {
            return new Refusal.InvalidArgument("no manifest is named")
            {
                Details = [new("expected", "--answers MANIFEST, a JSON or YAML file, or - for standard input")],
                Next = $"{call.Context.ProgramName} op env apply --emit-answers-template env.json",
            };
        }

        var folder = name == AnswersFile.Stdin ? call.Context.WorkingDirectory : Path.GetDirectoryName(call.Context.PathOf(name)) ?? "/";
        return (await AnswersFile.ReadAsync(name, call.Context, cancellationToken))
            .Then(element => Manifests.Parse(Encoding.UTF8.GetBytes(element.GetRawText())))
            .Then(manifest => (Outcome<ManifestFile>)new ManifestFile(manifest, folder));
    }

    /// <summary>The absolute path of a file that the manifest names.</summary>
    public string PathOf(string path) => Path.GetFullPath(path, Folder);

    /// <summary>Reads the answers that an <c>answers_ref</c> of the manifest names: a JSON or YAML object.</summary>
    public async Task<Outcome<JsonElement>> ReadAnswersAsync(string reference, CliContext context, CancellationToken cancellationToken) =>
        (await AnswersFile.ReadAsync(PathOf(reference), context, cancellationToken)).Then(answers => Object(answers, reference));

    private static Outcome<JsonElement> Object(JsonElement answers, string reference) => answers.ValueKind == JsonValueKind.Object
        ? BoundedJson.Parse(Encoding.UTF8.GetBytes(answers.GetRawText()), $"answers file `{reference}`", PayloadBounds.MaxBytes)
        : new Refusal.UnreadableAnswers($"answers file `{reference}` holds no object");
}
