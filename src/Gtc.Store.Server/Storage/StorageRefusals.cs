using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The storage cannot be reached, or does not answer in time.</summary>
/// <param name="Message">The sentence, which also says what is known of a change that was under way.</param>
internal sealed record StorageUnreachable(string Message) : Refusal(Message);

/// <summary>What is stored is not what was stored.</summary>
/// <param name="Row">Which row, e.g. <c>documents (shop-eu, 7)</c>.</param>
/// <param name="Expected">The digest that is stored beside it.</param>
/// <param name="Actual">The digest of what is there.</param>
internal sealed record StorageCorrupted(string Row, string Expected, string Actual) : Refusal($"{Row} is not what was stored there");
