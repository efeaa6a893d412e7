namespace Gtc.Store;

/// <summary>What of a replaced file survives a power cut.</summary>
internal enum Durability
{
    /// <summary>Nothing is promised, not even that the file is whole: for a view that is rebuilt from the journal.</summary>
    None,

    /// <summary>The file is whole, but may be the old one.</summary>
    Content,

    /// <summary>The file is the new one.</summary>
    Full,
}
