"""Operations on tensors, under torch's names: arguments bound, then the algebra asked."""
