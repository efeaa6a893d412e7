namespace Gtc.Fleet.Contracts;

/// <summary>What kind of rule was broken. The names of those that a custom resource can break are the reasons of its condition <c>Accepted</c>.</summary>
public enum ContractFault
{
    /// <summary>A device id or a deployment's name is outside the grammar.</summary>
    InvalidName,

    /// <summary>A selector has an operator, a key or values that mean nothing.</summary>
    InvalidSelector,

    /// <summary>A score's member has a value outside its rules.</summary>
    InvalidScore,

    /// <summary>A score is of a variant that this version does not know.</summary>
    UnknownScore,

    /// <summary>A score's canonical bytes are more than a value may have.</summary>
    ScoreTooLarge,

    /// <summary>A roll-out's settings are outside their rules.</summary>
    InvalidRollout,

    /// <summary>A payload is no JSON of the expected shape.</summary>
    InvalidPayload,
}
