using System.Buffers.Binary;
using System.Text;
using Gtc.Model;

namespace Gtc.Routing;

/// <summary>
/// The slot that a caller falls on: a pure function of the deployment, which is the salt, and the caller's key. Every replica and every machine
/// agrees on it, and it never changes while the deployment lives, so that a rollback restores everybody (decision 17).
/// </summary>
public readonly record struct CallerSlot
{
    private readonly ulong _low;
    private readonly ulong _high;

    /// <summary>The slots of one deployment's callers.</summary>
    public CallerSlot(DeploymentId deployment)
    {
        Span<byte> text = stackalloc byte[Ulid.TextLength];
        Encoding.ASCII.GetBytes(deployment.ToString(), text);

        // The id's text hashed to a key: its bytes are an implementation's matter, its text is what documents carry.
        _low = SipHash.Of(0, 0, text);
        _high = SipHash.Of(0, 1, text);
    }

    /// <summary>The slot of a caller, from 0 to 9,999.</summary>
    /// <param name="caller">The caller's key, e.g. a user or a cookie.</param>
    public int Of(ReadOnlySpan<byte> caller) => Scale(SipHash.Of(_low, _high, caller));

    /// <summary>A further slot of the same caller, for when the one before leads nowhere. Each caller has its own sequence.</summary>
    /// <param name="slot">The slot before.</param>
    /// <param name="caller">The caller's key.</param>
    public int Next(int slot, ReadOnlySpan<byte> caller)
    {
        Span<byte> seed = stackalloc byte[sizeof(ulong) + sizeof(int)];
        BinaryPrimitives.WriteUInt64LittleEndian(seed, SipHash.Of(_low, _high, caller));
        BinaryPrimitives.WriteInt32LittleEndian(seed[sizeof(ulong)..], slot);
        return Scale(SipHash.Of(_high, _low, seed));
    }

    /// <summary>Maps 64 random bits to a slot by multiplication, which favours none by more than 2^-50.</summary>
    internal static int Scale(ulong random) => (int)Math.BigMul(random, (ulong)SplitSlots.Count, out _);
}
