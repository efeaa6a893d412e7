using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>An environment as it was at one generation.</summary>
/// <param name="Document">The document, with its generation.</param>
/// <param name="Generation">The generation.</param>
public sealed record StoredEnvironment(EnvironmentDocument Document, ulong Generation)
{
    /// <summary>The entity tag without quotes: SHA-256 over the canonical document as it is served.</summary>
    public string Etag { get => field ??= EtagOf(Document); init; }

    /// <summary>The document as one line of JSON, as it is served.</summary>
    public ReadOnlyMemory<byte> Line { get => field.IsEmpty ? field = Documents.Environment.ToLine(Document) : field; init; }

    /// <summary>The entity tag of a document.</summary>
    public static string EtagOf(EnvironmentDocument document) => CanonicalJson.Digest(Documents.Environment.ToElement(document)).Hex;
}
