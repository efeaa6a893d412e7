using Gtc.Model;

namespace Gtc.Store;

/// <summary>What looking for a secret finds.</summary>
public abstract record SecretReading
{
    private SecretReading()
    {
    }

    /// <summary>There is none, or it was deleted.</summary>
    public sealed record Absent : SecretReading;

    /// <summary>It is there.</summary>
    /// <param name="Version">Its version, from 1.</param>
    /// <param name="Value">The value; the reader disposes it.</param>
    public sealed record Found(uint Version, SecretValue Value) : SecretReading;

    /// <summary>It is there, but the key at hand does not open it, or it was altered.</summary>
    /// <param name="Version">Its version, from 1.</param>
    /// <param name="Why">Why.</param>
    public sealed record Undecryptable(uint Version, Refusal Why) : SecretReading;
}

/// <summary>A version of a secret that was written.</summary>
/// <param name="Number">Its number, from 1; tombstones count.</param>
/// <param name="Previous">The version before it that held a value, or null.</param>
public sealed record SecretVersion(uint Number, uint? Previous);

/// <summary>A secret by name.</summary>
/// <param name="StoreUri">Where it lies, see <see cref="SecretUri"/>.</param>
/// <param name="Version">Its newest version.</param>
public sealed record SecretListing(string StoreUri, uint Version);
