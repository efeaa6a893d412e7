using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The server does not do this, and is not meant to. Only planning refuses with it; it never reaches the storage.</summary>
internal sealed record NotDone(string Message) : Refusal(Message);

/// <summary>The request must say what the caller saw. Only planning refuses with it.</summary>
internal sealed record PreconditionMissing(string Message) : Refusal(Message);

/// <summary>The environment is not as the caller saw it, found by a step of its own. The guard around the step turns it into the ordinary conflict.</summary>
/// <param name="ExpectedEtag">The entity tag that the caller saw, or null.</param>
/// <param name="ExpectedGeneration">The generation that the caller saw, or null.</param>
/// <param name="ActualEtag">The present entity tag.</param>
/// <param name="ActualGeneration">The present generation.</param>
internal sealed record StaleEtag(string? ExpectedEtag, ulong? ExpectedGeneration, string ActualEtag, ulong ActualGeneration) : Refusal("the environment is not as the caller saw it");
