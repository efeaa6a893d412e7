namespace Gtc.Flows;

/// <summary>A message that is to be kept in a lane.</summary>
/// <param name="Id">Its own number.</param>
/// <param name="Lane">Messages of one lane are answered in the order in which they came.</param>
/// <param name="Key">What the same message would have, should it come again; null when that cannot be known.</param>
/// <param name="Tag">Who answers it as long as they are there; without spaces.</param>
/// <param name="Content">The message.</param>
public sealed record LaneMessage(long Id, string Lane, string? Key, string Tag, ReadOnlyMemory<byte> Content);

/// <summary>What became of messages that were to be kept.</summary>
/// <param name="IsFull">Whether there was no room; then none was kept.</param>
/// <param name="Begun">By their place among those that were to be kept: the ones that are first in a lane of the caller's from now on, and to be answered.</param>
public readonly record struct LanePut(bool IsFull, IReadOnlyList<int> Begun);

/// <summary>What a step in a lane led to.</summary>
/// <param name="IsOurs">Whether the lane was still the caller's; else nothing was done.</param>
/// <param name="Next">The lane's next message; null when there is none, and then the lane is nobody's.</param>
public readonly record struct LaneStep(bool IsOurs, ReadOnlyMemory<byte>? Next);
