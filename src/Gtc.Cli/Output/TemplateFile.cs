using System.Buffers;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Cli.Output;

/// <summary>A JSON file to start from, for a person to fill in.</summary>
internal static class TemplateFile
{
    /// <summary>Writes a template to a file that must not exist yet: it may have been filled in already.</summary>
    /// <param name="path">The file, absolute.</param>
    /// <param name="write">Writes its content.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null on success.</returns>
    public static async Task<Refusal?> WriteAsync(string path, Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        if (Path.Exists(path))
        {
            return new Refusal.Conflict($"{path} exists already; a template is not written over it");
        }

        var content = new ArrayBufferWriter<byte>();
        await using (var writer = new Utf8JsonWriter(content, new JsonWriterOptions { Indented = true }))
        {
            write(writer);
        }

        content.Write("\n"u8);
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        await file.WriteAsync(content.WrittenMemory, cancellationToken);
        return null;
    }
}
