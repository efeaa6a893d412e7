using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The server does not do this, and is not meant to. Only planning refuses with it; it never reaches the storage.</summary>
internal sealed record NotDone(string Message) : Refusal(Message);
