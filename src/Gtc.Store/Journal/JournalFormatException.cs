namespace Gtc.Store;

/// <summary>A journal line has the right checksum and the wrong content. Turned into a refusal at the journal's boundary.</summary>
internal sealed class JournalFormatException(string message) : Exception(message);
